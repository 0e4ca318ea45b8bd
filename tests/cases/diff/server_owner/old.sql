create foreign data wrapper w;
create server s foreign data wrapper w;
grant usage on foreign data wrapper w to gm_writer;
