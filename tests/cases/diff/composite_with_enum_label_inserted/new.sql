create type e as enum('a','x','b'); create type m as (amt bigint, c e);
create table a(bal m default (0,'a')::m);
