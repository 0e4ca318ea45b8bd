create table "größe" ("länge" int);
