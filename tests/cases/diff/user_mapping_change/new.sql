create foreign data wrapper w;
create server s foreign data wrapper w;
create user mapping for gm_reader server s options ("user" 'b', x 'y');
create user mapping for gm_writer server s;
