create type inside as (a int, b int);
create type outside as (i inside[], n int);
