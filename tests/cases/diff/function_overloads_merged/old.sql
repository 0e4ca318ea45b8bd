create function norm(t text) returns text language sql immutable as 'select lower(trim(t))';
create function norm(t text, u bool) returns text language sql immutable as 'select case when u then upper(t) else norm(t) end';
create table t(id int primary key, code text check (norm(code) = code));
