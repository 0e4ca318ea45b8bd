create table o(id int primary key);
create function f() returns trigger language plpgsql as 'begin return new; end';
create table p(id int, k int) partition by range(k);
create table s(id int, k int);
