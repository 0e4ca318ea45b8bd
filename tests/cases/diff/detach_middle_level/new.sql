create table o(id int primary key);
create table v(id int references o, k int, r text, constraint vc check (id > 0)) partition by range(k);
create table w(id int, k int, r text) partition by list(r);
create table c partition of w for values in ('a', 'x');
create table c2(id int references o, k int, r text, constraint vc check (id > 0));
