create table e (a int, b int) partition by list (a);
create table e1 partition of e for values in (1) partition by hash (b);
create table e1a partition of e1 for values with (modulus 1, remainder 0);
