create table k (a int);
