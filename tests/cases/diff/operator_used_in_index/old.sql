create function plus1(int, int) returns int language sql immutable as 'select $1 + $2 + 1';
create operator <+> (leftarg = int, rightarg = int, function = plus1);
create table t (a int, b int);
