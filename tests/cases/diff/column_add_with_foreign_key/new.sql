create table r (id int primary key);
create table t (a int, r int not null references r on delete cascade);
create index on t (r);
