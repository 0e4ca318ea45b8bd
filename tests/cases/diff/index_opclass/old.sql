create table t (a text, b jsonb);
create index i on t (a);
create index j on t using gin (b);
