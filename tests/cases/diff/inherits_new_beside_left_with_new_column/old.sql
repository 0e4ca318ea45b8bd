create table parent(id int, kind text);
create table child_b(extra int) inherits (parent);
