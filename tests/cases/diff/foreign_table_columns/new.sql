create foreign data wrapper w;
create server s foreign data wrapper w;
create foreign table ft (a int not null, c int default 1) server s;
