create table t (a int);
create function mine(int) returns bool language sql stable as 'select $1 > 0';
create policy p on t using (mine(a));
