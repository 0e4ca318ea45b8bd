create table t(a bigint, b varchar(20), c numeric(12,4), d date generated always as (date '2020-01-01') stored);
create view v1 as select a,b,c,d from t;
create view v2 as select a, count(*) n, max(d) d from v1 group by a;
create materialized view m as select * from v2 where n > 1;
create unique index on m(a);
create index on m(n);
create function f(x v2) returns bigint language sql as 'select x.a';
grant select on v1,v2 to gm_reader; grant select on m to gm_writer;
comment on view v2 is 'two!'; comment on column v2.n is 'how many';
