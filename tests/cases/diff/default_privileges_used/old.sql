alter default privileges grant select on tables to gm_reader;
