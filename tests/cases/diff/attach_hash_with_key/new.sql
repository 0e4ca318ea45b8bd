create table h(id int, t varchar(20), primary key(id)) partition by hash(id);
create table h0 partition of h for values with (modulus 2, remainder 0);
create table h1 partition of h for values with (modulus 2, remainder 1);
create index on h(t);
