create table v(id int, k int, constraint vc check (id > 0)) partition by range(k);
create table w(id int, k int) partition by list(id);
create table c(id int, k int);
