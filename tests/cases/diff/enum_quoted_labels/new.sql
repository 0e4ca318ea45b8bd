create type mood as enum ('a', 'it''s', 'two words', 'ünïcode', '"');
