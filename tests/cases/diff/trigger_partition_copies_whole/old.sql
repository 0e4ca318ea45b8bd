create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table e (a int, b int) partition by list (a);
create table e1 partition of e for values in (1);
create table e2 partition of e for values in (2) partition by range (b);
create table e21 partition of e2 for values from (1) to (9);
create trigger x after insert on e for each row execute function f();
create trigger y after insert on e2 for each row execute function f();
alter table e1 disable trigger x;
