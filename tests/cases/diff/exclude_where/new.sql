create table t (r int4range, k int, constraint x exclude using gist (r with &&) where (k > 0) deferrable);
