create domain email as text;
create type rec as (m email, n int);
create table c(r rec);
create table a(m email);
