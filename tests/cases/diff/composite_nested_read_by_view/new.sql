create type inner_t as (x bigint);
create type outer_t as (i inner_t, y int);
create table t(id int, o outer_t);
create view v as select ((o).i).x from t;
