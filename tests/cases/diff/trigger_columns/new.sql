create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create trigger x before update of a, b on t for each row execute function tf();
