create table log(id int, at date not null) partition by range(at);
create table log_1 partition of log for values from ('2025-01-01') to ('2025-02-01');
create unique index log_u on log(id, at); create index log_i on log(at);
