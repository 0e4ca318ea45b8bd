create table j (id int primary key, s bigint, at date, n uuid not null default gen_random_uuid());
create table k (id int primary key, s bigint, t int not null);
create publication p for table j (id, s, n) where (id > 1), k (id, t);
