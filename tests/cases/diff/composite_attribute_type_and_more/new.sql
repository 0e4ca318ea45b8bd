create type addr as (street text, zip text, country text); create table t (id int, a addr, "B b" addr);
