create table v(id int, k int, constraint vc check (id > 0)) partition by range(k);
create table w partition of v for values from (0) to (10) partition by list(id);
create table c partition of w for values in (1);
