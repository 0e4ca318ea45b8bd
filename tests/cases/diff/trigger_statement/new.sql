create function tf() returns trigger language plpgsql as $$begin return null; end$$;
create table t (a int);
create trigger x after insert or update or delete or truncate on t for each statement execute function tf();
