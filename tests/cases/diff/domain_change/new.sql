create domain d as int default 5 not null constraint small check (value < 100);
comment on domain d is 'it';
comment on constraint small on domain d is 'small';
