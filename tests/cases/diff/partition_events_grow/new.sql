create table ev(id bigint not null, at timestamptz not null, kind text not null, payload jsonb, tenant int not null default 0, primary key(id,at), constraint k check (kind<>'')) partition by range(at);
create table ev_1 partition of ev for values from ('2024-01-01') to ('2024-02-01');
create table ev_2 partition of ev for values from ('2024-02-01') to ('2024-04-01');
create table ev_d partition of ev default;
create index ev_kind on ev(kind, at);
create index ev_p on ev using gin(payload);

