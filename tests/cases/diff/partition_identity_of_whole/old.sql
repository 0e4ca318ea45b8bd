create table e (a int, id bigint generated always as identity) partition by list (a);
