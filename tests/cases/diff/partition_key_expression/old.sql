create table e (a text) partition by list (a);
