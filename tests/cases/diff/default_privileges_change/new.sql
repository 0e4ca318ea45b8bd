create schema app;
alter default privileges in schema app grant select, insert on tables to gm_reader with grant option;
alter default privileges in schema app grant execute on functions to gm_writer;
