create table c (a int, b int);
