create type addr as (street text, zip int); create table t (id int, a addr, "B b" addr);
