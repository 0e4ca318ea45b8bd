create function tf() returns trigger language plpgsql as 'begin return new; end';
create table t(a int, b int);
create trigger t1 before insert on t for each row when (new.a > 1) execute function tf();
create trigger t2 after update of b on t for each statement execute function tf();
create constraint trigger t3 after delete on t deferrable initially deferred for each row execute function tf();
create trigger t4 after insert on t referencing new table as n for each statement execute function tf();
alter table t disable trigger t2;
