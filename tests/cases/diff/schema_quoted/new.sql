create schema "Odd ""Name";
create table "Odd ""Name"."T.1" ("Col umn" int, "select" text);
