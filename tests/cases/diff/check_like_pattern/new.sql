create table t (a text, constraint c check (a ~ E'^\\w+''\n$' and a not like '%\%%'));
