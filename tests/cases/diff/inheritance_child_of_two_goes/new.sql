create table parent(id int primary key, name text not null, check (name <> ''));
create table child(extra int) inherits (parent);
create table grand(more int default 4) inherits (child);
create table side(id int, s text);
create view all_p as select tableoid::regclass t, id, name from parent;
