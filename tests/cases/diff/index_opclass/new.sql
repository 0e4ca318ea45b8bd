create table t (a text, b jsonb);
create index i on t (a text_pattern_ops);
create index j on t using gin (b jsonb_path_ops);
