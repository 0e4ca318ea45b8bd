create type st as (a text, b int);
create table o(id int, s st, at date not null) partition by range (at);
create table o1 partition of o for values from ('2025-01-01') to ('2026-01-01');
alter table o alter s set storage external;
alter table o1 alter s set storage main;
create table par(x json); create table chi() inherits (par); alter table par alter x set storage main; alter table chi alter x set storage external;
