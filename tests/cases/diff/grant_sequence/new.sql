create sequence s;
grant usage, select on sequence s to gm_reader;
