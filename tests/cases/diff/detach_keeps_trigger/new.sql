create function f() returns trigger language plpgsql as 'begin return new; end';
create table p(id int, k int) partition by range(k);
create trigger tr after insert or update on p for each row execute function f();
create table s(id int, k int);
create trigger tr after insert on s for each row execute function f();
