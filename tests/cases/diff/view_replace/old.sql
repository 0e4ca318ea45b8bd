create table t (id integer primary key, name text, n numeric(10,2));
create view v as select id, name from t;
create view w as select * from v;
grant select on v to gm_reader;
