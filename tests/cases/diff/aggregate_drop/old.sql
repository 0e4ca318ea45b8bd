create aggregate total(int) (sfunc = int4pl, stype = int);
grant execute on function total(int) to gm_reader;
comment on aggregate total(int) is 't';
