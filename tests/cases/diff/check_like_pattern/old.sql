create table t (a text, constraint c check (a ~ '^\d+$'));
