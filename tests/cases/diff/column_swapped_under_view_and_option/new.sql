create table o(id bigint primary key, addr2 text);
create view v as select id, addr2 addr from o;
alter table o set (fillfactor=70);
