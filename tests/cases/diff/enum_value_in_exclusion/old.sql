create extension btree_gist;
create type st as enum ('held','cancelled');
create table b(id int primary key, room int, d tsrange, s st, constraint no_overlap exclude using gist (room with =, d with &&) where (s <> 'cancelled'));
