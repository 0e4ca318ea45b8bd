create table u(id int, g text); create table s(x u, n int);
