create table p (id int generated always as identity, n smallint);
create table h (like p including all);
