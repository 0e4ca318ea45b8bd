create type mood as enum ('a');
create domain d as int;
