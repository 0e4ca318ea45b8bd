create foreign data wrapper w;
create server s type 'x' version '2' foreign data wrapper w options (host 'b', port '1');
