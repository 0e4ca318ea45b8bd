create schema parts;
create table e (a int, b text) partition by list (a);
