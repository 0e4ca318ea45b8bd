create table o(id int primary key, meta json, body varchar(20) compression lz4, e text);
alter table o alter meta set storage external, alter body set storage main, alter e set storage external;
