create table p(id bigint not null, at date not null) partition by range(at);
create table p1 partition of p for values from ('2024-01-01') to ('2024-07-01');
create view new_v as select id from p1;

