create domain email as text;
create type rec as (m email, n int);
create table c (r rec, rs rec[], m email);
create domain emails as email[];
create table d (all_of emails);
