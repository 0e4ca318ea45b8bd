create table t (id int, a int);
create view v as select a, max(id) as id from t group by a;
