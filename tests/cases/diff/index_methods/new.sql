create table t (a int[], p point, x text);
create index g on t using gin (a);
create index s on t using gist (p) with (fillfactor=80);
create index b on t using brin (x) with (pages_per_range=16);
create index h on t using hash (x);
