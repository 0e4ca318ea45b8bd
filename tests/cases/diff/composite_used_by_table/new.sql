create type pair as (a int, b text);
create table t (p pair, ps pair[]);
