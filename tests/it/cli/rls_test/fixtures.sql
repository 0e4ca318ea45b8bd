copy notes (owner_id, body) from stdin;
o	first
o	\N
x	other
\.
insert into notes (owner_id, body) values ('x', 'it''s (mine), <b>&')
