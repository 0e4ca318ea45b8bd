create foreign data wrapper w;
create server s foreign data wrapper w;
create table e (a int) partition by list (a);
create foreign table e1 partition of e for values in (1) server s;
