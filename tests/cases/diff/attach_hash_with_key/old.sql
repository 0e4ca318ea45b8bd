create table h(id int, t text) partition by hash(id);
create table h0 partition of h for values with (modulus 2, remainder 0);
create table h1(id int, t text);
create index on h(t);
