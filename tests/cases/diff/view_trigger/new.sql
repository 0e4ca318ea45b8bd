create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create view v as select b, a from t;
create trigger x instead of insert on v for each row execute function tf();
comment on trigger x on v is 'instead';
