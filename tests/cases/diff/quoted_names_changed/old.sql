create table "T" ("A" int, "b c" text);
create policy "P p" on "T" using ("A" > 0);
create trigger "X" before insert on "T" for each row execute function suppress_redundant_updates_trigger();
