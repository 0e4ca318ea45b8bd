create table e (id int, at date not null) partition by range (at);
create table e_2020 partition of e for values from ('2020-01-01') to ('2021-01-01');
create table e_rest partition of e default;
