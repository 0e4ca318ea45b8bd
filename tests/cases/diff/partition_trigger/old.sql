create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table e (a int) partition by list (a);
create table e1 partition of e for values in (1);
