create function step(int, int) returns int language sql as 'select $1 - $2';
create aggregate total(int) (sfunc = step, stype = int, initcond = '5');
