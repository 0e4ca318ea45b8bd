create foreign data wrapper w;
create server s foreign data wrapper w;
create foreign table ft (a int options (x '2'), b int options (y '3')) server s options (t 'b', u 'c');
