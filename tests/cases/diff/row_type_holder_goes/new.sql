create table u(id bigint, g text, k int default 3);
create table s(n int);
create table r(x u[], n int);
