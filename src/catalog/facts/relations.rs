//! Relations: tables, views, sequences, and what is a part of them.

use super::found::{is_ours, not_member};

/// Tables, views, materialized views, foreign tables, sequences; whether policies are asked; what a
/// table is a partition of, or inherits from.
pub(super) fn relations() -> String {
    format!(
        "select 'pg_class'::regclass::oid::int8, c.oid::int8, 0,
                case c.relkind when 'v' then 'view' when 'm' then 'materialized-view'
                     when 'f' then 'foreign-table' else 'table' end,
                array[n.nspname, c.relname]::text[],
                json_strip_nulls(json_build_object(
                    'unlogged', case when c.relpersistence = 'u' then true end,
                    'partition_by', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
                    'access_method', case when am.amname <> 'heap' then am.amname end,
                    'tablespace', ts.spcname,
                    'options', case when c.reloptions is not null
                        then array(select o from unnest(c.reloptions) o
                                    order by o collate \"C\") end,
                    'toast_options', t.reloptions,
                    'of_type', case when c.reloftype <> 0 then format_type(c.reloftype, null) end,
                    'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
                    'unpopulated', case when not c.relispopulated then true end,
                    'server', s.srvname,
                    'server_options', case when ft.ftoptions is not null
                        then array(select o from unnest(ft.ftoptions) o
                                    order by o collate \"C\") end))::text,
                json_strip_nulls(json_build_object('options', c.reloptions,
                                                   'server_options', ft.ftoptions))::text,
                pg_get_userbyid(c.relowner)::text
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_am am on am.oid = c.relam
           left join pg_tablespace ts on ts.oid = c.reltablespace
           left join pg_class t on t.oid = c.reltoastrelid
           left join pg_foreign_table ft on ft.ftrelid = c.oid
           left join pg_foreign_server s on s.oid = ft.ftserver
          where c.relkind in ('r', 'p', 'v', 'm', 'f') and {ours}
         union all
         select 0, 0, 0, 'row-security', array[n.nspname, c.relname]::text[],
                json_strip_nulls(json_build_object(
                    'enabled', case when c.relrowsecurity then true end,
                    'forced', case when c.relforcerowsecurity then true end))::text,
                null, null
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where (c.relrowsecurity or c.relforcerowsecurity) and {ours}
         union all
         select 0, 0, 0, 'partition', array[n.nspname, c.relname]::text[],
                json_build_object('of_schema', pn.nspname, 'of_table', p.relname,
                                  'bound', pg_get_expr(c.relpartbound, c.oid))::text,
                json_strip_nulls(json_build_object(
                    'constraint', pg_get_partition_constraintdef(c.oid)))::text,
                null
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_inherits i on i.inhrelid = c.oid
           join pg_class p on p.oid = i.inhparent
           join pg_namespace pn on pn.oid = p.relnamespace
          where c.relispartition and c.relkind in ('r', 'p', 'f') and {ours}
         union all
         select 0, 0, 0, 'inheritance',
                array[n.nspname, c.relname, pn.nspname, p.relname]::text[],
                json_build_object('place', (
                    select count(*) from pg_inherits b
                     where b.inhrelid = i.inhrelid and b.inhseqno <= i.inhseqno))::text, null, null
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_inherits i on i.inhrelid = c.oid
           join pg_class p on p.oid = i.inhparent
           join pg_namespace pn on pn.oid = p.relnamespace
          where not c.relispartition and c.relkind in ('r', 'f') and {ours}
         union all
         select 0, 0, 0, 'replica-identity', array[n.nspname, c.relname]::text[],
                json_strip_nulls(json_build_object(
                    'mode', case c.relreplident when 'f' then 'full' when 'n' then 'nothing'
                                 else 'index' end,
                    'index', ic.relname))::text, null, null
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_index i
             on i.indrelid = c.oid and i.indisreplident and c.relreplident = 'i'
           left join pg_class ic on ic.oid = i.indexrelid
          where c.relreplident in ('f', 'n', 'i') and c.relkind in ('r', 'p') and {ours}",
        ours = is_ours("pg_class", "c.oid"),
    )
}

/// Columns and attributes of composite types; their defaults. A view's column has no type here: its
/// query says it.
pub(super) fn columns() -> String {
    format!(
        "select 'pg_class'::regclass::oid::int8, c.oid::int8, a.attnum::int4,
                case c.relkind when 'c' then 'attribute' else 'column' end,
                array[n.nspname, c.relname, a.attname]::text[],
                json_strip_nulls(json_build_object(
                    'type', case when c.relkind not in ('v', 'm')
                                 then format_type(a.atttypid, a.atttypmod) end,
                    'collation', case when a.attcollation <> t.typcollation
                                       and c.relkind not in ('v', 'm')
                                 then format('%I.%I', cn.nspname, co.collname) end,
                    'not_null', case when a.attnotnull then true end,
                    'identity', case a.attidentity when 'a' then 'always'
                                     when 'd' then 'by default' end,
                    'generated', case when a.attgenerated <> ''
                                      then pg_get_expr(d.adbin, d.adrelid) end,
                    'virtual', case when a.attgenerated = 'v' then true end,
                    'storage', case when a.attstorage <> t.typstorage and c.relkind <> 'v'
                               then case a.attstorage when 'p' then 'plain' when 'e' then 'external'
                                         when 'm' then 'main' else 'extended' end end,
                    'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
                    'statistics', case when a.attstattarget >= 0 then a.attstattarget end,
                    'options', a.attoptions,
                    'server_options', case when a.attfdwoptions is not null
                        then array(select o from unnest(a.attfdwoptions) o
                                    order by o collate \"C\") end))::text,
                case when a.attfdwoptions is null and a.attislocal
                           and a.attstorage = t.typstorage and c.relkind not in ('v', 'm')
                     then '{{\"position\":' || a.attnum || '}}'
                     else json_strip_nulls(json_build_object(
                    'server_options', a.attfdwoptions,
                    'position', a.attnum, 'inherited', not a.attislocal,
                    'type', case when c.relkind in ('v', 'm')
                                 then format_type(a.atttypid, a.atttypmod) end,
                    'type_storage', case when a.attstorage <> t.typstorage and c.relkind <> 'v'
                                    then case t.typstorage when 'p' then 'plain'
                                              when 'e' then 'external' when 'm' then 'main'
                                              else 'extended' end end))::text end,
                null::text
           from pg_attribute a
           join pg_class c on c.oid = a.attrelid
           join pg_namespace n on n.oid = c.relnamespace
           join pg_type t on t.oid = a.atttypid
           left join pg_attrdef d
             on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> ''
           left join pg_collation co on co.oid = a.attcollation
           left join pg_namespace cn on cn.oid = co.collnamespace
          where a.attnum > 0 and not a.attisdropped
            and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and {ours}
         union all
         select 'pg_attrdef'::regclass::oid::int8, d.oid::int8, 0, 'default',
                array[n.nspname, c.relname, a.attname]::text[],
                json_build_object('expression', pg_get_expr(d.adbin, d.adrelid))::text, null, null
           from pg_attrdef d
           join pg_attribute a
             on a.attrelid = d.adrelid and a.attnum = d.adnum and a.attgenerated = ''
           join pg_class c on c.oid = a.attrelid
           join pg_namespace n on n.oid = c.relnamespace
          where not a.attisdropped and {ours}",
        ours = is_ours("pg_class", "c.oid"),
    )
}

/// Constraints of tables. What a partition or child has of its parent, and cannot lose, is not its
/// own; a key of a partition is, since its name may be.
pub(super) fn constraints() -> String {
    format!(
        "select 'pg_constraint'::regclass::oid::int8, o.oid::int8, 0,
                case o.contype when 'f' then 'foreign-key' else 'constraint' end,
                array[n.nspname, c.relname, o.conname]::text[],
                json_strip_nulls(json_build_object(
                    'type', case o.contype when 'c' then 'check' when 'p' then 'primary key'
                                 when 'u' then 'unique' when 'x' then 'exclude'
                                 else 'foreign key' end,
                    'definition', pg_get_constraintdef(o.oid),
                    'options', ic.reloptions,
                    'tablespace', ts.spcname))::text,
                null::text, null::text
           from pg_constraint o
           join pg_class c on c.oid = o.conrelid
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_class ic on ic.oid = o.conindid and o.contype in ('p', 'u', 'x')
           left join pg_tablespace ts on ts.oid = ic.reltablespace
          where o.contype in ('c', 'p', 'u', 'x', 'f')
            and not (o.contype in ('c', 'f')
                     and (o.conparentid <> 0 or o.coninhcount > 0 and not o.conislocal))
            and {ours}",
        ours = is_ours("pg_class", "c.oid"),
    )
}

/// Indexes that belong to no constraint; what a table was clustered by; which indexes of partitions
/// belong to which of the partitioned table.
pub(super) fn indexes() -> String {
    format!(
        "select 'pg_class'::regclass::oid::int8, i.indexrelid::int8, 0, 'index',
                array[n.nspname, c.relname, ic.relname]::text[],
                json_strip_nulls(json_build_object(
                    'definition', pg_get_indexdef(i.indexrelid),
                    'invalid', case when not i.indisvalid and ic.relkind = 'i' then true end,
                    'tablespace', ts.spcname,
                    'statistics', st.targets))::text,
                null::text, null::text
           from pg_index i
           join pg_class ic on ic.oid = i.indexrelid
           join pg_class c on c.oid = i.indrelid
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_tablespace ts on ts.oid = ic.reltablespace
           left join pg_constraint o
             on o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x')
           left join (select a.attrelid,
                             array_agg(a.attnum || '=' || a.attstattarget order by a.attnum) targets
                        from pg_attribute a
                       where a.attstattarget >= 0
                         and a.attrelid in (select indexrelid from pg_index)
                       group by 1) st
             on st.attrelid = i.indexrelid
          where o.oid is null and c.relkind in ('r', 'p', 'm') and {ours}
         union all
         select 0, 0, 0, 'cluster', array[n.nspname, c.relname]::text[],
                json_build_object('index', ic.relname)::text, null, null
           from pg_index i
           join pg_class ic on ic.oid = i.indexrelid
           join pg_class c on c.oid = i.indrelid
           join pg_namespace n on n.oid = c.relnamespace
          where i.indisclustered and {ours}
         union all
         select 0, 0, 0, 'index-attachment',
                array[n.nspname, c.relname, ic.relname]::text[],
                json_build_object('of_schema', pn.nspname, 'of_table', pt.relname,
                                  'of_index', pc.relname)::text, null, null
           from pg_inherits h
           join pg_index i on i.indexrelid = h.inhrelid
           join pg_class ic on ic.oid = i.indexrelid
           join pg_class c on c.oid = i.indrelid
           join pg_namespace n on n.oid = c.relnamespace
           join pg_class pc on pc.oid = h.inhparent
           join pg_index pi on pi.indexrelid = pc.oid
           join pg_class pt on pt.oid = pi.indrelid
           join pg_namespace pn on pn.oid = pc.relnamespace
          where {ours}",
        ours = is_ours("pg_class", "c.oid"),
    )
}

/// Sequences, and the columns that they belong to. Their position is no fact.
pub(super) fn sequences() -> String {
    format!(
        "with owned (oid, deptype, schema, relation, name) as (
             select d.objid, d.deptype, tn.nspname, t.relname, a.attname
               from pg_depend d
               join pg_class t on t.oid = d.refobjid
               join pg_namespace tn on tn.oid = t.relnamespace
               join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
              where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                and d.deptype in ('a', 'i') and d.refobjsubid > 0
                and d.objid in (select seqrelid from pg_sequence))
         select 'pg_class'::regclass::oid::int8, c.oid::int8, 0, 'sequence',
                array[n.nspname, c.relname]::text[],
                json_strip_nulls(json_build_object(
                    'type', format_type(s.seqtypid, null),
                    'start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin,
                    'max', s.seqmax, 'cache', s.seqcache,
                    'cycle', case when s.seqcycle then true end,
                    'unlogged', case when c.relpersistence = 'u' and o.oid is null then true end,
                    'identity_of', case when o.oid is not null
                                        then array[o.schema, o.relation, o.name] end))::text,
                null::text,
                case when o.oid is null and w.oid is null
                     then pg_get_userbyid(c.relowner)::text end
           from pg_sequence s
           join pg_class c on c.oid = s.seqrelid
           join pg_namespace n on n.oid = c.relnamespace
           left join owned o on o.oid = c.oid and o.deptype = 'i'
           left join owned w on w.oid = c.oid and w.deptype = 'a'
          where {ours}
         union all
         select 0, 0, 0, 'sequence-owner', array[n.nspname, c.relname]::text[],
                json_build_object('schema', w.schema, 'table', w.relation,
                                  'column', w.name)::text, null, null
           from owned w
           join pg_class c on c.oid = w.oid
           join pg_namespace n on n.oid = c.relnamespace
          where w.deptype = 'a' and {ours}",
        ours = is_ours("pg_class", "c.oid"),
    )
}

/// Rules, triggers, policies and statistics. The columns of these come by name: in which order a table
/// has them does not count.
pub(super) fn behaviour() -> String {
    format!(
        "select 'pg_rewrite'::regclass::oid::int8, r.oid::int8, 0, 'rule',
                array[n.nspname, c.relname, r.rulename]::text[],
                json_strip_nulls(json_build_object(
                    'definition', pg_get_ruledef(r.oid),
                    'enabled', {rule_enabled}))::text,
                null::text, null::text
           from pg_rewrite r
           join pg_class c on c.oid = r.ev_class
           join pg_namespace n on n.oid = c.relnamespace
          where r.rulename <> '_RETURN' and {ours}
         union all
         select 'pg_trigger'::regclass::oid::int8, t.oid::int8, 0, 'trigger',
                array[n.nspname, c.relname, t.tgname]::text[],
                json_strip_nulls(json_build_object(
                    'definition', pg_get_triggerdef(t.oid),
                    'enabled', {trigger_enabled}))::text, null, null
           from pg_trigger t
           join pg_class c on c.oid = t.tgrelid
           join pg_namespace n on n.oid = c.relnamespace
          where not t.tgisinternal and t.tgparentid = 0 and {ours}
         union all
         select 'pg_trigger'::regclass::oid::int8, t.oid::int8, 0, 'partition-trigger',
                array[n.nspname, c.relname, t.tgname]::text[],
                json_build_object(
                    'enabled', coalesce({trigger_enabled}, 'enabled'),
                    'of_schema', wn.nspname, 'of_table', w.relname,
                    'of_trigger', r.tgname)::text, null, null
           from (with recursive above (oid, parent) as (
                        select oid, tgparentid from pg_trigger where tgparentid <> 0
                        union all
                        select a.oid, p.tgparentid from above a
                          join pg_trigger p on p.oid = a.parent and p.tgparentid <> 0)
                 select oid, parent from above) a
           join pg_trigger r on r.oid = a.parent and r.tgparentid = 0 and not r.tgisinternal
           join pg_trigger t on t.oid = a.oid and t.tgenabled <> r.tgenabled
           join pg_class w on w.oid = r.tgrelid
           join pg_namespace wn on wn.oid = w.relnamespace
           join pg_class c on c.oid = t.tgrelid
           join pg_namespace n on n.oid = c.relnamespace
          where {ours}
         union all
         select 'pg_policy'::regclass::oid::int8, p.oid::int8, 0, 'policy',
                array[n.nspname, c.relname, p.polname]::text[],
                json_strip_nulls(json_build_object(
                    'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert'
                                    when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                    'restrictive', case when not p.polpermissive then true end,
                    'roles', array(select case when r.oid = 0 then 'public'
                                               else pg_get_userbyid(r.oid)::text end
                                     from unnest(p.polroles) r (oid) order by 1),
                    'using', pg_get_expr(p.polqual, p.polrelid),
                    'check', pg_get_expr(p.polwithcheck, p.polrelid)))::text, null, null
           from pg_policy p
           join pg_class c on c.oid = p.polrelid
           join pg_namespace n on n.oid = c.relnamespace
          where {ours}
         union all
         select 'pg_statistic_ext'::regclass::oid::int8, s.oid::int8, 0, 'statistics',
                array[n.nspname, s.stxname]::text[],
                json_strip_nulls(json_build_object(
                    'definition', coalesce(overlay(d.whole placing k.named
                                                   from strpos(d.whole, ' ON ' || k.listed) + 4
                                                   for length(k.listed)), d.whole),
                    'target', case when s.stxstattarget >= 0 then s.stxstattarget end))::text,
                null, pg_get_userbyid(s.stxowner)::text
           from pg_statistic_ext s
           join pg_namespace n on n.oid = s.stxnamespace
          cross join lateral (select pg_get_statisticsobjdef(s.oid)) d (whole)
          cross join lateral (
                select string_agg(quote_ident(a.attname), ', ' order by k.at),
                       string_agg(quote_ident(a.attname), ', ' order by a.attname collate \"C\")
                  from unnest(s.stxkeys::int2[]) with ordinality k (attnum, at)
                  join pg_attribute a on a.attrelid = s.stxrelid and a.attnum = k.attnum
                ) k (listed, named)
          where {ours_statistics}",
        rule_enabled = enabled("r.ev_enabled"),
        trigger_enabled = enabled("t.tgenabled"),
        ours = is_ours("pg_class", "c.oid"),
        ours_statistics = is_ours("pg_statistic_ext", "s.oid"),
    )
}

/// In which sessions a trigger or rule fires; nothing for those that do by default.
pub(super) fn enabled(column: &str) -> String {
    format!(
        "case {column} when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end"
    )
}

/// Event triggers.
pub(super) fn event_triggers() -> String {
    format!(
        "select 'pg_event_trigger'::regclass::oid::int8, e.oid::int8, 0, 'event-trigger',
                array[e.evtname]::text[],
                json_strip_nulls(json_build_object(
                    'event', e.evtevent, 'tags', e.evttags,
                    'function', format('%I.%I', n.nspname, p.proname),
                    'enabled', {}))::text,
                null::text, pg_get_userbyid(e.evtowner)::text
           from pg_event_trigger e
           join pg_proc p on p.oid = e.evtfoid
           join pg_namespace n on n.oid = p.pronamespace
          where {}",
        enabled("e.evtenabled"),
        not_member("pg_event_trigger", "e.oid"),
    )
}
