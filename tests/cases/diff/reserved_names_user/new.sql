create table "user" ("order" bigint, "table" int);
create view "all" as select "order" as "limit" from "user";
