create table p(id int, k int, e text, primary key(id,k)) partition by range(k);
create table a(id int, k int, primary key(id,k));
create table r(id int, k int, foreign key (id,k) references p on delete set null);
create table s partition of p for values from (0) to (10);
