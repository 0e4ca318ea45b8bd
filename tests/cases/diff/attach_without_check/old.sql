create table p(id int, k int, constraint pc check (id>0)) partition by range(k);
create table s(id int, k int);
create table s2(id int, k int, constraint pc check (id>5));
