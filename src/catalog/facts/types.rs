//! Types: enums, domains, composites, ranges.

use super::found::is_ours;

/// Enums, domains with their checks, composite types, range types.
pub(super) fn types() -> String {
    format!(
        "select 'pg_type'::regclass::oid::int8, t.oid::int8, 0,
                case t.typtype when 'e' then 'enum' when 'd' then 'domain'
                     when 'r' then 'range-type' else 'composite-type' end,
                array[n.nspname, t.typname]::text[],
                json_strip_nulls(json_build_object(
                    'labels', l.labels,
                    'type', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
                    'not_null', case when t.typnotnull then true end,
                    'default', case when t.typtype = 'd' then
                                    coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) end,
                    'collation', case when t.typtype = 'd' and t.typcollation <> b.typcollation
                                      then format('%I.%I', cn.nspname, co.collname) end,
                    'subtype', format_type(r.rngsubtype, null),
                    'operator_class', case when not oc.opcdefault
                                           then format('%I.%I', ocn.nspname, oc.opcname) end,
                    'range_collation', case when r.rngcollation <> st.typcollation
                                            then format('%I.%I', rcn.nspname, rc.collname) end,
                    'canonical', case when r.rngcanonical <> 0 then r.rngcanonical::regproc::text end,
                    'difference', case when r.rngsubdiff <> 0 then r.rngsubdiff::regproc::text end,
                    'multirange', format_type(r.rngmultitypid, null)))::text,
                null::text, pg_get_userbyid(t.typowner)::text
           from pg_type t
           join pg_namespace n on n.oid = t.typnamespace
           left join pg_class c on c.oid = t.typrelid
           left join (select enumtypid, array_agg(enumlabel::text order by enumsortorder) labels
                        from pg_enum group by 1) l on l.enumtypid = t.oid
           left join pg_type b on b.oid = t.typbasetype
           left join pg_collation co on co.oid = t.typcollation
           left join pg_namespace cn on cn.oid = co.collnamespace
           left join pg_range r on r.rngtypid = t.oid
           left join pg_type st on st.oid = r.rngsubtype
           left join pg_opclass oc on oc.oid = r.rngsubopc
           left join pg_namespace ocn on ocn.oid = oc.opcnamespace
           left join pg_collation rc on rc.oid = r.rngcollation
           left join pg_namespace rcn on rcn.oid = rc.collnamespace
          where (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c') and {ours}
         union all
         select 'pg_constraint'::regclass::oid::int8, o.oid::int8, 0, 'domain-constraint',
                array[n.nspname, t.typname, o.conname]::text[],
                json_build_object('definition', pg_get_constraintdef(o.oid))::text, null, null
           from pg_constraint o
           join pg_type t on t.oid = o.contypid
           join pg_namespace n on n.oid = t.typnamespace
          where o.contype = 'c' and {ours}",
        ours = is_ours("pg_type", "t.oid"),
    )
}
