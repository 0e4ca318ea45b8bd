create table p(id bigint, k int, primary key(id,k)) partition by range(k);
create table r(id bigint, k int, foreign key (id,k) references p);
create table s partition of p for values from (0) to (10);
