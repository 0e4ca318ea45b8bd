create type inside as (a int);
create type outside as (i inside, n int);
