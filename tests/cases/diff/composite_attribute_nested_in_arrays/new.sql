create type addr as (street text, zip text, country text);
create type person as (name text, home addr, others addr[]);
create table people (id int primary key, p person, all_of person[], unlike person default row('x', row('a', '1', 'DE'), null)::person);
create domain place as addr;
create table places (at place, ats place[], zip varchar(5));
create function zip_of(a addr) returns text language sql immutable as 'select a.zip';
create view zips as select id, (p).home.zip from people;
