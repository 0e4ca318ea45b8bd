create domain d as int default 2;
create domain e as text default 'x';
