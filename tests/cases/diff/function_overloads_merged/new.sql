create function norm(t text, u bool default false) returns text language sql immutable as 'select case when u then upper(t) else lower(trim(t)) end';
create table t(id int primary key, code text check (norm(code) = code));
