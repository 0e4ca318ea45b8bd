alter default privileges grant usage on schemas to gm_reader;
alter default privileges revoke usage on types from public;
