create schema app;
grant usage, create on schema app to gm_reader;
grant usage on schema app to public;
