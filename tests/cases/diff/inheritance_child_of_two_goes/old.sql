create table parent(id bigint primary key, name varchar(80) not null default 'x', added date default current_date, check (name <> ''), check (id > 0) no inherit);
create table child(extra bigint not null default 0) inherits (parent);
create table grand(more text default 'm') inherits (child);
create table side(id bigint, s text, check (s is not null));
create table multi() inherits (parent, side);
create view all_p as select tableoid::regclass t, id, name, added from parent;
