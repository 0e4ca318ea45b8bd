create table e (k text) partition by list (k);
create table e_a partition of e for values in ('a');
