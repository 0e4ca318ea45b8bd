create sequence s;
create table a (x int default nextval('s'));
create table b (x int default nextval('s'), y int default currval('s'));
