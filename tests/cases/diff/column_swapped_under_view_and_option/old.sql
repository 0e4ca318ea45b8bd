create table o(id bigint primary key, street text);
create view v as select id, street addr from o;
