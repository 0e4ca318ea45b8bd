create table t (id serial, x bigint generated always as identity);
