create table t (a int primary key, r int4range, exclude using gist (r with &&));
alter table t add constraint again unique (a);
alter table t add constraint more unique (a);
alter table t add constraint once exclude using gist (r with &&);
