create table t (id bigint generated always as identity (start with 20 increment by 2 maxvalue 900 cycle));
