create table u(id int, g text, h int default 5, k int not null default 7, z uuid not null default gen_random_uuid(), w text); create table s(x u, n int);
