create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create view v as select a from t;
create trigger x after update on t referencing old table as o new table as n for each statement execute function tf();
alter table t enable replica trigger x;
