create table p (id int, d date, t text) partition by range (d, t);
create table l (id int, t text) partition by list (t);
create table "S s" (id int, d date, t text);
create table l1 (id int, t text);
