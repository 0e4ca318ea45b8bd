create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create foreign data wrapper w;
create server s foreign data wrapper w;
create foreign table ft (a int) server s;
create trigger x before insert on ft for each row execute function tf();
alter foreign table ft add constraint c check (a > 0);
