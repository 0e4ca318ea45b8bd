create table e (a int) partition by list (a);
create table e1 partition of e for values in (1);
comment on table e is 'all';
comment on table e1 is 'part';
comment on column e1.a is 'its a';
