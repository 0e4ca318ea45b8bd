create table t (r int4range, q int4range, constraint x exclude using gist (r with &&, q with -|-));
