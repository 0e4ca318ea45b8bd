create type mood as enum ('a', 'b');
create table t (id int primary key, m mood);
create view v as select m from t;
create function f() returns setof v language sql as 'select * from v';
create view w as select m from f();
