create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create view v as select a from t;
create constraint trigger x after insert on t deferrable initially deferred for each row execute function tf();
alter table t enable always trigger x;
