create type pair as (a int, b text, c bool);
create table t of pair;
