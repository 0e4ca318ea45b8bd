create type k as enum ('a');
