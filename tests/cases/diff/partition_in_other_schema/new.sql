create schema parts;
create table e (a int, b text) partition by list (a);
create table parts.e1 partition of e for values in (1);
create index on e (b);
