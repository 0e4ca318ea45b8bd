create aggregate middle(float8 order by anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
create aggregate smallest(int) (sfunc = int4smaller, stype = int, sortop = operator(pg_catalog.<));
