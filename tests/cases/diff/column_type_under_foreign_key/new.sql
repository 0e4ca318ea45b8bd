create table a (id bigint primary key);
create table b (a bigint references a);
