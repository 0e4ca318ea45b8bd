create table e (a int, b int) partition by range (a, b);
create table e1 partition of e for values from (minvalue, minvalue) to (10, maxvalue);
