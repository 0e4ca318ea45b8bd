create table "user" ("order" int, "group" int);
