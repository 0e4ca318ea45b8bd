create function ef() returns event_trigger language plpgsql as $$begin end$$;
create function eg() returns event_trigger language plpgsql as $$begin end$$;
create event trigger e on sql_drop execute function eg();
alter event trigger e disable;
create event trigger g on ddl_command_end when tag in ('CREATE VIEW', 'ALTER VIEW') execute function ef();
