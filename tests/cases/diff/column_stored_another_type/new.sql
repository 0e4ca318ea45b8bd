create table o(id bigint primary key, meta jsonb, body text compression lz4 not null, e int);
alter table o alter meta set storage external, alter body set storage main;
