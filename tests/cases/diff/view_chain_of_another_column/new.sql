create table n(id bigint primary key, t varchar(50), u int);
create view v1 as select id, t, u from n;
create view v2 as select v1.id, v1.t, n.t t2, v1.u from v1 join n using (id);
create view v3 as select max(t) as max, max(u) mu from v2;
create rule r as on update to v1 do instead nothing;
