create sequence s;
create table a (x int default nextval('s'));
