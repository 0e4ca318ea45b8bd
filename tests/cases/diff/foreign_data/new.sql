create foreign data wrapper w options (debug 'true');
create server s type 'x' version '1' foreign data wrapper w options (host 'h', "odd name" 'v=1');
create user mapping for gm_reader server s options ("user" 'u');
create foreign table ft (a int options (column_name 'x') not null, b text) server s options (table_name 't');
grant usage on foreign server s to gm_reader;
grant usage on foreign data wrapper w to gm_writer;
comment on server s is 's';
comment on foreign table ft is 'f';
