create function tf() returns trigger language plpgsql as 'begin return old; end';
create function tg() returns trigger language plpgsql as 'begin return new; end';
create table t(a bigint, b text);
create trigger t1 before insert on t for each row when (new.a > 2) execute function tf();
create trigger t2 after update of b on t for each statement execute function tg();
create constraint trigger t3 after delete on t for each row execute function tf();
create trigger t4 after insert on t referencing new table as n2 for each statement execute function tf();
alter table t enable always trigger t1; alter table t disable trigger t3;
