create type r as range (subtype = float8);
create table t (a r, b r_multirange);
