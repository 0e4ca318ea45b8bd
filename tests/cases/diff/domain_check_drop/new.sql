create domain d as int constraint small check (value < 10);
