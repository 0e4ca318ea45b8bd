create foreign data wrapper w;
create server s foreign data wrapper w;
create table p (a int);
create foreign table ft (a int) server s;
