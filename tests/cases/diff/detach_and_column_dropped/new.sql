create table p(id int, k int) partition by range(k);
create table s(id int, k int, c text, d int default 3);
create index s_c_idx on s(c);
