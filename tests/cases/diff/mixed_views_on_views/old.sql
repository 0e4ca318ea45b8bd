create table t(a int, b text, c numeric(10,2));
create view v1 as select a,b,c from t;
create view v2 as select a, count(*) n from v1 group by a;
create materialized view m as select * from v2;
create unique index on m(a);
create function f(x v2) returns int language sql as 'select x.a';
grant select on v1,v2,m to gm_reader;
comment on view v2 is 'two'; comment on column v2.n is 'how many';
