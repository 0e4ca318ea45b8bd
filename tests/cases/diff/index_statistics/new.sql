create table t (a int);
create index i on t ((a + 1));
alter index i alter column 1 set statistics 200;
comment on index i is 'it';
