create table e (a int, b int);
