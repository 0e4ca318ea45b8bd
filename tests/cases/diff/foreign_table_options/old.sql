create foreign data wrapper w;
create server s foreign data wrapper w;
create foreign table ft (a int options (x '1'), b int) server s options (t 'a');
