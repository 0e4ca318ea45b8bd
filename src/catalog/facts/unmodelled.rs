//! What is there and is no fact: it is told, so that nothing is passed over in silence.

use super::found::{Found, is_ours, not_member};
use crate::db::{DbError, Row};
use crate::schema::facts::Unmodelled;

pub(super) fn unmodelled() -> String {
    format!(
        "select case t.typtype when 'b' then 'base type' else 'shell type' end,
                format('%I.%I', n.nspname, t.typname)
           from pg_type t join pg_namespace n on n.oid = t.typnamespace
          where (t.typtype = 'b' and t.typelem = 0 or t.typtype = 'b' and t.typcategory <> 'A'
                 or t.typtype = 'p') and {types}
         union all
         select 'language', quote_ident(l.lanname) from pg_language l
          where l.oid >= 16384 and {languages}
         union all
         select 'transform', format('for %s language %I', format_type(t.trftype, null), l.lanname)
           from pg_transform t join pg_language l on l.oid = t.trflang
          where t.oid >= 16384 and {transforms}
         union all
         select 'access method', quote_ident(a.amname) from pg_am a
          where a.oid >= 16384 and {methods}
         union all
         select 'conversion', format('%I.%I', n.nspname, c.conname)
           from pg_conversion c join pg_namespace n on n.oid = c.connamespace
          where {conversions}
         union all
         select 'subscription', quote_ident(s.subname) from pg_subscription s
          where s.subdbid = (select oid from pg_database where datname = current_database())
         union all
         select 'security label', format('%s on %s', l.provider, l.objname) from pg_seclabels l
          where l.objtype not in ('database', 'role', 'tablespace')
          order by 1, 2",
        types = is_ours("pg_type", "t.oid"),
        languages = not_member("pg_language", "l.oid"),
        transforms = not_member("pg_transform", "t.oid"),
        methods = not_member("pg_am", "a.oid"),
        conversions = is_ours("pg_conversion", "c.oid"),
    )
}

pub(super) fn take(found: &mut Found, rows: &[Row]) -> Result<(), DbError> {
    for row in rows {
        found.state.unmodelled.push(Unmodelled {
            kind: row.get(0)?,
            name: row.get(1)?,
        });
    }
    Ok(())
}
