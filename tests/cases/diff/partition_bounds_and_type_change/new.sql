create table p(id bigint not null, d date, extra jsonb) partition by range(d);
create table a partition of p for values from ('2024-01-01') to ('2024-07-01');
create table b partition of p for values from ('2024-07-01') to ('2026-01-01');
create index on p(id);
create unique index on p(id, d);
