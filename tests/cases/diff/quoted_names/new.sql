create schema "Odd Schema";
create table "Odd Schema"."Tab""le" ("Col umn" int primary key, "select" text default 'x', "semi;colon" int, "dot.ted" int check ("dot.ted" > 0));
create index "In dex" on "Odd Schema"."Tab""le" ("select");
create view "Odd Schema"."view" as select "Col umn", "select" as "From" from "Odd Schema"."Tab""le";
create function "Odd Schema"."f()"("In" int) returns int language sql as 'select $1';
grant select ("Col umn") on "Odd Schema"."Tab""le" to gm_reader;
comment on column "Odd Schema"."Tab""le"."semi;colon" is 'x';
