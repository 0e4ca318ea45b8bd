create table t (id bigint generated always as identity (start with 10 increment by 5 cache 3));
