create foreign data wrapper w;
create server s type 'x' foreign data wrapper w;
create foreign table ft (a int) server s;
