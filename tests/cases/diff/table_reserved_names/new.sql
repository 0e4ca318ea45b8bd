create table "table" ("order" int, "group" text, check ("order" > 0));
