create table p (id int, d date, t text) partition by range (d, t);
create table l (id int, t text) partition by list (t);
create table "S s" partition of p for values from ('2024-01-01', minvalue) to ('2025-01-01', 'x''y');
create table l1 partition of l for values in ('a', null, 'b''c');
