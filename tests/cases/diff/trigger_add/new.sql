create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create view v as select a from t;
create trigger x before insert or update of a on t for each row when (new.a > 0) execute function tf('q');
create trigger y instead of delete on v for each row execute function tf();
comment on trigger x on t is 'x';
