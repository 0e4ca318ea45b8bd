create foreign data wrapper w;
create server s foreign data wrapper w;
create user mapping for gm_reader server s options ("user" 'a');
create user mapping for public server s;
