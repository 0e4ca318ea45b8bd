create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create trigger x before update of a on t for each row when (old.a is distinct from new.a) execute function tf();
