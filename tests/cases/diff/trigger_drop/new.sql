create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int, b int);
