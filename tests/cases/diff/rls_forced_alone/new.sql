create table t (a int);
alter table t force row level security;
