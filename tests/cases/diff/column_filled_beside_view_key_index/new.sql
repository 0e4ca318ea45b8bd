create table u(id int primary key);
create table p(id int primary key, u int references u on delete cascade, t text, ts timestamptz not null default clock_timestamp());
create view pv as select id,ts,t from p; create index p_u on p(u,ts);
