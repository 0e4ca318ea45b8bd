create type mood as enum ('a');
revoke usage on type mood from public;
grant usage on type mood to gm_reader;
create domain d as int;
alter domain d owner to gm_writer;
