create table r (id int primary key);
create table p (r int);
create table c () inherits (p);
