create type e as enum('a','b'); create type m as (amt int, c e);
create table a(bal m default (0,'a')::m);
