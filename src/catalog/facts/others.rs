//! Schemas, extensions, collations, text search, foreign data, publications.

use super::found::{is_ours, not_member};
use super::version::Version;

/// That the server does not show this role the options of a mapping `u` in `pg_user_mappings`, as its
/// definition there says: whether there are any cannot be told then.
pub(super) const OPTIONS_HIDDEN: &str = "\
    not (select r.rolsuper from pg_roles r where r.rolname = current_user)
    and not coalesce((
        select pg_has_role(s.srvowner, 'USAGE')
               or u.usename = current_user and has_server_privilege(s.oid, 'USAGE')
          from pg_foreign_server s
         where s.oid = u.srvid and (u.umuser = 0 or u.usename = current_user)), false)";

/// The names of options that tell a secret.
const SECRET: &str = "pass|secret|token|key";

/// Schemas, extensions, foreign data wrappers, servers and user mappings. Of these, what a secret
/// may be in is left out.
pub(super) fn surroundings() -> String {
    format!(
        "select 'pg_namespace'::regclass::oid::int8, n.oid::int8, 0, 'schema',
                array[n.nspname]::text[], '{{}}'::text, null::text,
                case when n.nspname <> 'public'
                       or n.nspowner not in (10, coalesce(to_regrole('pg_database_owner')::oid, 10))
                     then pg_get_userbyid(n.nspowner)::text end
           from pg_namespace n
          where {ours_schema}
         union all
         select 'pg_extension'::regclass::oid::int8, e.oid::int8, 0, 'extension',
                array[e.extname]::text[], json_build_object('schema', n.nspname)::text,
                json_strip_nulls(json_build_object(
                    'version', e.extversion,
                    'tables', (select true from pg_depend m
                                 join pg_class c on c.oid = m.objid and c.relkind in ('r', 'p', 'S')
                                where m.classid = 'pg_class'::regclass and m.deptype = 'e'
                                  and m.refclassid = 'pg_extension'::regclass
                                  and m.refobjid = e.oid
                                limit 1)))::text, null
           from pg_extension e
           join pg_namespace n on n.oid = e.extnamespace
          where e.extname <> 'plpgsql'
         union all
         select 'pg_foreign_data_wrapper'::regclass::oid::int8, w.oid::int8, 0,
                'foreign-data-wrapper', array[w.fdwname]::text[],
                json_strip_nulls(json_build_object(
                    'handler', case when w.fdwhandler <> 0 then w.fdwhandler::regproc::text end,
                    'validator', case when w.fdwvalidator <> 0 then w.fdwvalidator::regproc::text end,
                    'options', array(select o from unnest(w.fdwoptions) o
                                      order by o collate \"C\")))::text,
                json_strip_nulls(json_build_object('options', w.fdwoptions))::text, pg_get_userbyid(w.fdwowner)::text
           from pg_foreign_data_wrapper w
          where {not_wrapper}
         union all
         select 'pg_foreign_server'::regclass::oid::int8, s.oid::int8, 0, 'foreign-server',
                array[s.srvname]::text[],
                json_strip_nulls(json_build_object(
                    'wrapper', w.fdwname, 'type', s.srvtype, 'version', s.srvversion,
                    'options', array(select o from unnest(s.srvoptions) o
                                      order by o collate \"C\")))::text,
                json_strip_nulls(json_build_object('options', s.srvoptions))::text, pg_get_userbyid(s.srvowner)::text
           from pg_foreign_server s
           join pg_foreign_data_wrapper w on w.oid = s.srvfdw
          where {not_server}
         union all
         select 'pg_user_mapping'::regclass::oid::int8, u.umid::int8, 0, 'user-mapping',
                array[u.srvname, u.usename]::text[],
                json_strip_nulls(json_build_object(
                    'options', (select array_agg(o order by o collate \"C\") from unnest(u.umoptions) o
                                 where split_part(o, '=', 1) !~* '{SECRET}')))::text,
                json_strip_nulls(json_build_object(
                    'secret', (select true from unnest(u.umoptions) o
                                where split_part(o, '=', 1) ~* '{SECRET}' limit 1)))::text,
                null
           from pg_user_mappings u
          where not ({hidden})",
        hidden = OPTIONS_HIDDEN,
        ours_schema = is_ours("pg_namespace", "n.oid"),
        not_wrapper = not_member("pg_foreign_data_wrapper", "w.oid"),
        not_server = not_member("pg_foreign_server", "s.oid"),
    )
}

/// Collations and text search.
pub(super) fn languages(version: Version) -> String {
    format!(
        "select 'pg_collation'::regclass::oid::int8, c.oid::int8, 0, 'collation',
                array[n.nspname, c.collname]::text[],
                json_strip_nulls(json_build_object(
                    'provider', case c.collprovider when 'i' then 'icu' when 'b' then 'builtin'
                                     else 'libc' end,
                    'locale', {locale},
                    'lc_collate', case when c.collprovider = 'c' then c.collcollate::text end,
                    'lc_ctype', case when c.collprovider = 'c' then c.collctype::text end,
                    'rules', {rules},
                    'nondeterministic', case when not c.collisdeterministic then true end))::text,
                json_strip_nulls(json_build_object('version', c.collversion))::text,
                pg_get_userbyid(c.collowner)::text
           from pg_collation c
           join pg_namespace n on n.oid = c.collnamespace
          where {ours_collation}
         union all
         select 'pg_ts_parser'::regclass::oid::int8, p.oid::int8, 0, 'text-search-parser',
                array[n.nspname, p.prsname]::text[],
                json_strip_nulls(json_build_object(
                    'start', p.prsstart::regproc::text, 'gettoken', p.prstoken::regproc::text,
                    'end', p.prsend::regproc::text, 'lextypes', p.prslextype::regproc::text,
                    'headline', case when p.prsheadline <> 0
                                     then p.prsheadline::regproc::text end))::text,
                null, null
           from pg_ts_parser p
           join pg_namespace n on n.oid = p.prsnamespace
          where {ours_parser}
         union all
         select 'pg_ts_template'::regclass::oid::int8, t.oid::int8, 0, 'text-search-template',
                array[n.nspname, t.tmplname]::text[],
                json_strip_nulls(json_build_object(
                    'lexize', t.tmpllexize::regproc::text,
                    'init', case when t.tmplinit <> 0 then t.tmplinit::regproc::text end))::text,
                null, null
           from pg_ts_template t
           join pg_namespace n on n.oid = t.tmplnamespace
          where {ours_template}
         union all
         select 'pg_ts_dict'::regclass::oid::int8, d.oid::int8, 0, 'text-search-dictionary',
                array[n.nspname, d.dictname]::text[],
                json_strip_nulls(json_build_object(
                    'template', format('%I.%I', tn.nspname, t.tmplname),
                    'options', d.dictinitoption))::text,
                null, pg_get_userbyid(d.dictowner)::text
           from pg_ts_dict d
           join pg_namespace n on n.oid = d.dictnamespace
           join pg_ts_template t on t.oid = d.dicttemplate
           join pg_namespace tn on tn.oid = t.tmplnamespace
          where {ours_dictionary}
         union all
         select 'pg_ts_config'::regclass::oid::int8, c.oid::int8, 0, 'text-search-configuration',
                array[n.nspname, c.cfgname]::text[],
                json_strip_nulls(json_build_object(
                    'parser', format('%I.%I', pn.nspname, p.prsname),
                    'mappings', (select array_agg(m.mapping order by m.mapping collate \"C\")
                                   from (select t.alias || ' ' ||
                                                string_agg(format('%I.%I', dn.nspname, d.dictname),
                                                           ', ' order by k.mapseqno)
                                           from pg_ts_config_map k
                                           join ts_token_type(c.cfgparser) t
                                             on t.tokid = k.maptokentype
                                           join pg_ts_dict d on d.oid = k.mapdict
                                           join pg_namespace dn on dn.oid = d.dictnamespace
                                          where k.mapcfg = c.oid
                                          group by t.alias) m (mapping))))::text,
                null, pg_get_userbyid(c.cfgowner)::text
           from pg_ts_config c
           join pg_namespace n on n.oid = c.cfgnamespace
           join pg_ts_parser p on p.oid = c.cfgparser
           join pg_namespace pn on pn.oid = p.prsnamespace
          where {ours_configuration}",
        locale = version.collation_locale(),
        rules = version.collation_rules(),
        ours_collation = is_ours("pg_collation", "c.oid"),
        ours_parser = is_ours("pg_ts_parser", "p.oid"),
        ours_template = is_ours("pg_ts_template", "t.oid"),
        ours_dictionary = is_ours("pg_ts_dict", "d.oid"),
        ours_configuration = is_ours("pg_ts_config", "c.oid"),
    )
}

/// Publications, with their tables and schemas.
pub(super) fn publications(version: Version) -> String {
    let mut sql = format!(
        "select 'pg_publication'::regclass::oid::int8, p.oid::int8, 0, 'publication',
                array[p.pubname]::text[],
                json_strip_nulls(json_build_object(
                    'all_tables', case when p.puballtables then true end,
                    'publish', array_remove(array[
                        case when p.pubinsert then 'insert' end,
                        case when p.pubupdate then 'update' end,
                        case when p.pubdelete then 'delete' end,
                        case when p.pubtruncate then 'truncate' end], null),
                    'via_root', case when p.pubviaroot then true end,
                    'generated_columns', {generated}))::text,
                null::text, pg_get_userbyid(p.pubowner)::text
           from pg_publication p
          where {not_publication}
         union all
         select 'pg_publication_rel'::regclass::oid::int8, r.oid::int8, 0, 'publication-table',
                array[p.pubname, n.nspname, c.relname]::text[],
                json_strip_nulls(json_build_object('where', {filter}, 'columns', {columns}))::text,
                null, null
           from pg_publication_rel r
           join pg_publication p on p.oid = r.prpubid
           join pg_class c on c.oid = r.prrelid
           join pg_namespace n on n.oid = c.relnamespace
          where {not_publication}",
        generated = version.publication_generated(),
        filter = version.publication_filter(),
        columns = version.publication_columns(),
        not_publication = not_member("pg_publication", "p.oid"),
    );
    if version.publishes_schemas() {
        sql.push_str(
            " union all
             select 'pg_publication_namespace'::regclass::oid::int8, r.oid::int8, 0,
                    'publication-schema', array[p.pubname, n.nspname]::text[], '{}', null, null
               from pg_publication_namespace r
               join pg_publication p on p.oid = r.pnpubid
               join pg_namespace n on n.oid = r.pnnspid",
        );
    }
    sql
}
