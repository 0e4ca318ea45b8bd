create collation c (locale = 'POSIX');
create table t (a text collate c);
