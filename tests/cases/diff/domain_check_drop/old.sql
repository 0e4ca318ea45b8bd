create domain d as int constraint positive check (value > 0) constraint small check (value < 10);
