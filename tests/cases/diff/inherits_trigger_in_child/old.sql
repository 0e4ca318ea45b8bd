create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table p (a int);
create table c () inherits (p);
create trigger x before insert on p for each row execute function tf();
