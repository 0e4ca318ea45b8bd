create table t (a text collate "POSIX", b text collate "C");
create index i on t (a);
