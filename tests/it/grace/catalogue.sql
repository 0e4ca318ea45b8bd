-- What there is in the schemas that the revisions touch, a line for each thing.
with namespaces as (
    select oid, nspname, nspowner::regrole, nspacl
      from pg_namespace where nspname in ('public', 'auth', 'grace_private')
), relations as (
    select c.*, n.nspname from pg_class c join namespaces n on n.oid = c.relnamespace
     where c.relkind in ('r', 'v', 'm', 'S', 'p')
)
select concat_ws(' ', 'schema', nspname, nspowner, nspacl, obj_description(oid, 'pg_namespace'))
  from namespaces
union all
select concat_ws(' ', 'relation', relkind, nspname, relname, relowner::regrole, relacl,
                 relrowsecurity, relforcerowsecurity, obj_description(oid, 'pg_class'))
  from relations
union all
select concat_ws(' ', 'column', r.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                 a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl,
                 col_description(r.oid, a.attnum))
  from relations r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0
  left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
union all
select concat_ws(' ', 'constraint', r.relname, c.conname, pg_get_constraintdef(c.oid))
  from relations r join pg_constraint c on c.conrelid = r.oid
union all
select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
  from relations r join pg_index i on i.indrelid = r.oid
union all
select concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid))
  from relations r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
union all
select concat_ws(' ', 'policy', r.relname, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[],
                 pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  from relations r join pg_policy p on p.polrelid = r.oid
union all
select concat_ws(' ', 'function', p.proowner::regrole, p.proacl, pg_get_functiondef(p.oid),
                 obj_description(p.oid, 'pg_proc'))
  from namespaces n join pg_proc p on p.pronamespace = n.oid
union all
select concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl)
  from pg_default_acl
order by 1
