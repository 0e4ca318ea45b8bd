create table t (r int4range, constraint x exclude using gist (r with &&) deferrable initially deferred);
