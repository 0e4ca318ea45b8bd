create text search configuration c (parser = "default");
create table t (a text, v tsvector generated always as (to_tsvector('c', a)) stored);
