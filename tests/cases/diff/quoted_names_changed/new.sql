create table "T" ("A" bigint not null, "b c" varchar(5) default 'it''s');
create policy "P p" on "T" using ("A" > 1);
