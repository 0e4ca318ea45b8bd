create table t (a int, b int);
create materialized view m as select a from t;
create unique index i on m (a);
create statistics st on (a % 2), (a % 3) from m;
alter materialized view m alter a set statistics 200;
alter materialized view m cluster on i;
grant select on m to gm_reader;
comment on column m.a is 'a';
create view over as select a from m;
