create domain d as int;
revoke usage on domain d from public;
grant usage on domain d to gm_reader;
