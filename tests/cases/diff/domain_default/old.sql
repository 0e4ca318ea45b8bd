create domain d as int default 1;
create domain e as text;
