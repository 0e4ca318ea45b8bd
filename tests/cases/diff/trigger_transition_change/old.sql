create function tf() returns trigger language plpgsql as $$begin return null; end$$;
create table t (a int);
create trigger x after update on t referencing old table as o for each statement execute function tf();
