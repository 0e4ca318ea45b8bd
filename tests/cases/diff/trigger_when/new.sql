create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
create trigger x before update on t for each row when (old.* is distinct from new.*) execute function tf();
comment on trigger x on t is 'x';
