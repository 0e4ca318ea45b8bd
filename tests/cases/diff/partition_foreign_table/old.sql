create foreign data wrapper w;
create server s foreign data wrapper w;
create table e (a int) partition by list (a);
