create text search dictionary simple_en (template = pg_catalog.simple, stopwords = english);
create text search configuration conf (copy = pg_catalog.english);
alter text search configuration conf alter mapping for asciiword with simple_en, pg_catalog.simple;
comment on text search configuration conf is 'ts';
create table t (v tsvector generated always as (to_tsvector('public.conf', 'x')) stored);
