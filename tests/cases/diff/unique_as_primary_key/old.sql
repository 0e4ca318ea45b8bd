create table t (a int primary key, r int4range, exclude using gist (r with &&));
