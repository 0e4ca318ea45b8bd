create table r (id int primary key);
create table p (r int);
create table c (foreign key (r) references r) inherits (p);
