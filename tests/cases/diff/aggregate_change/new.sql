create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl, parallel = safe);
create view v as select total(x) from generate_series(1, 3) x;
