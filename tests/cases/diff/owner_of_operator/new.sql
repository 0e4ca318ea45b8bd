create function eq(int, text) returns bool language sql immutable as 'select true';
create operator === (leftarg = int, rightarg = text, function = eq);
create aggregate total(int) (sfunc = int4pl, stype = int);
create procedure pr() language sql as 'select 1';
alter operator === (int, text) owner to gm_writer;
alter aggregate total(int) owner to gm_writer;
alter procedure pr() owner to gm_writer;
