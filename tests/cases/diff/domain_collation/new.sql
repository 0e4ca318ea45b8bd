create domain d as text collate "C";
