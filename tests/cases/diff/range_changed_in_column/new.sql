create collation ci (provider=icu, locale='de-u-ks-level1', deterministic=false);
create type fr as range (subtype=float8, subtype_diff=float8mi);
create table t(a text collate ci, r fr, unique(a));
create function f(fr) returns fr language sql as 'select $1';
create index on t using gist(r);
