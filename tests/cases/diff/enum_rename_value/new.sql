create type mood as enum ('unhappy', 'ok');
