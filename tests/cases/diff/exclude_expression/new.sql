create table t (a int, b int, exclude using gist (int4range(a, b) with &&) where (a < b));
