create table n(id int primary key, t text);
create view v1 as select id, t from n;
create view v2 as select v1.*, n.t t2 from v1 join n using (id);
create view v3 as select max(t2) from v2;
create rule r as on update to v1 do instead nothing;
