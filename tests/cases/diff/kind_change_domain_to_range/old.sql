create domain k as int;
