create table log(id int, at date not null, primary key (id, at)) partition by range(at);
create table log_1 partition of log for values from ('2025-01-01') to ('2025-02-01');
create table log_2 partition of log for values from ('2025-02-01') to ('2025-03-01');
