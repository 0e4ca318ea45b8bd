create schema app;
alter default privileges in schema app grant select on tables to gm_reader;
alter default privileges revoke execute on functions from public;
alter default privileges for role gm_writer grant usage on sequences to gm_reader;
