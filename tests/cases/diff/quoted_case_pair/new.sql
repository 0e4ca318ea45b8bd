create table t (a int, "A" text);
create table "T" (a int);
