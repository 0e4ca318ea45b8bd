create function f() returns trigger language plpgsql as 'begin return new; end';
create table p(id int, k int) partition by range(k);
create trigger tr after insert on p for each row execute function f();
create table s partition of p for values from (0) to (10);
