create domain email as text collate "C" default 'x@y' not null constraint at check (value like '%@%');
create table t (e email);
