create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0', parallel = safe);
create aggregate second_(float8 order by anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
comment on aggregate total(int) is 'sum';
