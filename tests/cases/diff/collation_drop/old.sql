create collation c (locale = 'C');
create table t (a text collate c);
create index i on t (a);
