create table p(id int, k int, primary key(id,k)) partition by range(k);
create table a partition of p for values from (0) to (10);
create table r(id int, k int, foreign key (id,k) references p on delete cascade);
create table s(id int not null, k int not null);
