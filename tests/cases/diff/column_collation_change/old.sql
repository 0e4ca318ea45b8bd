create table t (a text collate "C", b text);
create index i on t (a);
