create table e (a text) partition by list (lower(a));
create table e1 partition of e for values in ('x');
