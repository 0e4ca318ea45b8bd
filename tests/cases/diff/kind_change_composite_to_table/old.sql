create type k as (a int);
