create table notes (
    id int generated always as identity,
    owner_id text not null,
    body text
);
alter table notes enable row level security;
grant select, delete on notes to authenticated;
grant insert (owner_id, body), update (body) on notes to authenticated;
create policy own on notes to authenticated
    using (owner_id = current_setting('request.jwt.claims')::json ->> 'sub')
    with check (owner_id = current_setting('request.jwt.claims')::json ->> 'sub');
