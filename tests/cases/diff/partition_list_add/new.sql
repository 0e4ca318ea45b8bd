create table e (k text) partition by list (k);
create table e_a partition of e for values in ('a');
create table e_b partition of e for values in ('b', null);
