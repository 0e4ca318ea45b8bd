create function ef() returns event_trigger language plpgsql as $$begin end$$;
create event trigger e on table_rewrite execute function ef();
alter event trigger e enable always;
