create table p(id int, d date) partition by range(d);
create table a partition of p for values from ('2024-01-01') to ('2025-01-01');
create table b partition of p for values from ('2025-01-01') to ('2026-01-01');
create index on p(id);
