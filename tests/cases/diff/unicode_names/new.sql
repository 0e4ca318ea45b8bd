create table "größe" ("länge" bigint, "名前" text default '☃', "😀" bool);
create index "индекс" on "größe" ("名前");
