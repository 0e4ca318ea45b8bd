//! Operators, their families and classes, and casts.

use super::found::{is_ours, not_member};

/// Operators, operator families with their loose members, operator classes, casts.
pub(super) fn operators() -> String {
    format!(
        "with member (class, oid, family, item) as (
             select d.refclassid, d.refobjid, o.amopfamily,
                    format('OPERATOR %s %s%s', o.amopstrategy, o.amopopr::regoperator,
                           case when o.amoppurpose = 'o' then
                                format(' FOR ORDER BY %I.%I', fn.nspname, f.opfname) end)
               from pg_amop o
               join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = o.oid
                and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
                and d.deptype in ('a', 'i')
                and d.refobjid <> o.amopsortfamily
               left join pg_opfamily f on f.oid = o.amopsortfamily
               left join pg_namespace fn on fn.oid = f.opfnamespace
             union all
             select d.refclassid, d.refobjid, o.amprocfamily,
                    format('FUNCTION %s (%s, %s) %s', o.amprocnum,
                           format_type(o.amproclefttype, null),
                           format_type(o.amprocrighttype, null), o.amproc::regprocedure)
               from pg_amproc o
               join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = o.oid
                and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
                and d.deptype in ('a', 'i')
         ), members (class, oid, items) as (
             select class, oid, array_agg(item order by item collate \"C\") from member group by 1, 2
         )
         select 'pg_operator'::regclass::oid::int8, o.oid::int8, 0, 'operator',
                array[n.nspname, o.oprname,
                      case when o.oprleft <> 0 then format_type(o.oprleft, null) else '' end,
                      case when o.oprright <> 0 then format_type(o.oprright, null) else '' end
                     ]::text[],
                json_strip_nulls(json_build_object(
                    'function', o.oprcode::regproc::text,
                    'commutator', case when o.oprcom <> 0
                                       then format('operator(%I.%s)', cn.nspname, c.oprname) end,
                    'negator', case when o.oprnegate <> 0
                                    then format('operator(%I.%s)', gn.nspname, g.oprname) end,
                    'restrict', case when o.oprrest <> 0 then o.oprrest::regproc::text end,
                    'join', case when o.oprjoin <> 0 then o.oprjoin::regproc::text end,
                    'hashes', case when o.oprcanhash then true end,
                    'merges', case when o.oprcanmerge then true end))::text,
                null::text, pg_get_userbyid(o.oprowner)::text
           from pg_operator o
           join pg_namespace n on n.oid = o.oprnamespace
           left join pg_operator c on c.oid = o.oprcom
           left join pg_namespace cn on cn.oid = c.oprnamespace
           left join pg_operator g on g.oid = o.oprnegate
           left join pg_namespace gn on gn.oid = g.oprnamespace
          where o.oprcode <> 0 and {ours_operator}
         union all
         select 'pg_opfamily'::regclass::oid::int8, f.oid::int8, 0, 'operator-family',
                array[n.nspname, f.opfname, m.amname]::text[],
                json_strip_nulls(json_build_object('items', i.items))::text,
                null, pg_get_userbyid(f.opfowner)::text
           from pg_opfamily f
           join pg_namespace n on n.oid = f.opfnamespace
           join pg_am m on m.oid = f.opfmethod
           left join members i on i.class = 'pg_opfamily'::regclass and i.oid = f.oid
          where {ours_family}
         union all
         select 'pg_opclass'::regclass::oid::int8, c.oid::int8, 0, 'operator-class',
                array[n.nspname, c.opcname, m.amname]::text[],
                json_strip_nulls(json_build_object(
                    'type', format_type(c.opcintype, null),
                    'default', case when c.opcdefault then true end,
                    'family', format('%I.%I', fn.nspname, f.opfname),
                    'storage', case when c.opckeytype <> 0 then format_type(c.opckeytype, null) end,
                    'items', i.items))::text,
                null, pg_get_userbyid(c.opcowner)::text
           from pg_opclass c
           join pg_namespace n on n.oid = c.opcnamespace
           join pg_am m on m.oid = c.opcmethod
           join pg_opfamily f on f.oid = c.opcfamily
           join pg_namespace fn on fn.oid = f.opfnamespace
           left join members i on i.class = 'pg_opclass'::regclass and i.oid = c.oid
          where {ours_class}
         union all
         select 'pg_cast'::regclass::oid::int8, c.oid::int8, 0, 'cast',
                array[format_type(c.castsource, null), format_type(c.casttarget, null)],
                json_strip_nulls(json_build_object(
                    'function', case when c.castfunc <> 0 then c.castfunc::regprocedure::text end,
                    'inout', case when c.castmethod = 'i' then true end,
                    'context', case c.castcontext when 'a' then 'assignment'
                                    when 'i' then 'implicit' end))::text,
                null, null
           from pg_cast c
          where c.oid >= 16384 and {not_cast}
            and not exists (select from pg_depend i where i.classid = 'pg_cast'::regclass
                               and i.objid = c.oid and i.deptype = 'i')",
        ours_operator = is_ours("pg_operator", "o.oid"),
        ours_family = is_ours("pg_opfamily", "f.oid"),
        ours_class = is_ours("pg_opclass", "c.oid"),
        not_cast = not_member("pg_cast", "c.oid"),
    )
}
