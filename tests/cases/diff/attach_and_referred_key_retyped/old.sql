create table p(id int, k int, primary key(id,k)) partition by range(k);
create table r(id int, k int, foreign key (id,k) references p);
create table s(id int, k int, primary key(id,k));
