create table e (a text) partition by range (a collate "C" text_pattern_ops);
create table e1 partition of e for values from ('a') to ('m');
