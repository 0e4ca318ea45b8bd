create table t (a int);
create function mine(int, int default 1) returns bool language sql stable as 'select $1 > $2';
create policy p on t using (mine(a));
