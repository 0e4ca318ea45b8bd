create table o(id int primary key);
create table v(id int references o, k int, r text, constraint vc check (id > 0)) partition by range(k);
create table w partition of v for values from (0) to (10) partition by list(r);
create table c partition of w for values in ('a');
create table c2 partition of w for values in ('b');
