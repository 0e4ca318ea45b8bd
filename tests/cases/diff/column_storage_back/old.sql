create table t (a text, b bytea);
alter table t alter a set storage main, alter b set storage external;
