create table tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt_x (
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_x serial primary key, b int unique, check (b > 0));
create index on tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt_x (b);
create table t (a int);
