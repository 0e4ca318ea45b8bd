create type pair as (a int, b text);
create table t of pair (a with options primary key default 1, constraint c check (b <> ''));
