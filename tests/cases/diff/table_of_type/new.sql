create type ty as (a int, b text);
create table t of ty (primary key (a));
