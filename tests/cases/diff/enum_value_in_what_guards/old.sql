create type st as enum ('open','done');
create table j(id int primary key, k text, s st not null, check (s in ('open','done')));
alter table j enable row level security;
create policy p on j for select to gm_reader using (s <> 'done');
create unique index j_u on j(k) where s <> 'done';
create view v as select * from j where s <> 'done';
grant select on v to gm_reader;
