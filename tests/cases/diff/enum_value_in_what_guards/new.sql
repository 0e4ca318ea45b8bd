create type st as enum ('open','done','failed');
create table j(id int primary key, k text, s st not null, check (s in ('open','done','failed')));
alter table j enable row level security;
create policy p on j for select to gm_reader using (s not in ('done','failed'));
create unique index j_u on j(k) where s not in ('done','failed');
create view v as select * from j where s not in ('done','failed');
grant select on v to gm_reader;
