create table e (at timestamptz) partition by range (at);
create table e1 partition of e for values from ('2024-01-01 00:00+00') to ('2024-02-01 00:00+00');
