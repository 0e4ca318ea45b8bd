create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table t (a int);
create trigger x after insert on t for each row execute function tf();
alter table t enable always trigger x;
