alter default privileges grant usage on types to gm_reader;
alter default privileges revoke execute on functions from public;
