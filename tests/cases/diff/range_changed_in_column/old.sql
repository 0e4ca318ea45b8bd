create collation ci (provider=icu, locale='und-u-ks-level2', deterministic=false);
create type fr as range (subtype=float8);
create table t(a text collate ci, r fr, unique(a));
create function f(fr) returns fr language sql as 'select $1';
