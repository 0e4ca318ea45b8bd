create table t (a int);
create table u (a int);
create function tr() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before update on u for each row execute function tr();
