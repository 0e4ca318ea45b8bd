-- Nobody but the owner reads or changes our tables, whatever default privileges gave.
alter table grace_migrate.schema_version enable row level security;
alter table if exists grace_migrate.history enable row level security;
alter table if exists grace_migrate.journal enable row level security;
do $close$
declare
    closed text;
begin
    for closed in
        select 'public'
        union all
        select pg_catalog.quote_ident(rolname) from pg_catalog.pg_roles
        where rolname operator(pg_catalog.=) any (array['anon', 'authenticated', 'service_role']::pg_catalog.name[])
    loop
        execute pg_catalog.format('revoke all on schema grace_migrate from %s', closed);
        execute pg_catalog.format('revoke all on all tables in schema grace_migrate from %s', closed);
        execute pg_catalog.format('revoke all on all sequences in schema grace_migrate from %s', closed);
        execute pg_catalog.format('revoke all on all functions in schema grace_migrate from %s', closed);
    end loop;
end
$close$;
