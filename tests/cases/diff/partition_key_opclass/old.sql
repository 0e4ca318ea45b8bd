create table e (a text) partition by range (a);
