create domain d as int constraint e check (value > 0);
