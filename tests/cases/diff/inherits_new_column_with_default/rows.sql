insert into people(id,p,addrs) values (1, row('x',row('st','123'),null), null); insert into firms(id,name) values (2,'f'); insert into sess values ('k','{}',now());
