create function ef() returns event_trigger language plpgsql as $$begin end$$;
create event trigger e on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function ef();
alter event trigger e disable;
comment on event trigger e is 'e';
