//! What is there and is no fact: it is told, so that nothing is passed over in silence.

use super::found::{Found, is_ours, not_member};
use super::others::OPTIONS_HIDDEN;
use crate::db::{DbError, Row};
use crate::schema::facts::{FactId, Kind, Unmodelled};

pub(super) fn unmodelled() -> String {
    format!(
        "select case t.typtype when 'b' then 'base type' else 'shell type' end,
                format('%I.%I', n.nspname, t.typname), null::text[]
           from pg_type t join pg_namespace n on n.oid = t.typnamespace
          where (t.typtype = 'b' and t.typelem = 0 or t.typtype = 'b' and t.typcategory <> 'A'
                 or t.typtype = 'p') and {types}
         union all
         select 'language', quote_ident(l.lanname), null from pg_language l
          where l.oid >= 16384 and {languages}
         union all
         select 'transform', format('for %s language %I', format_type(t.trftype, null), l.lanname), null
           from pg_transform t join pg_language l on l.oid = t.trflang
          where t.oid >= 16384 and {transforms}
         union all
         select 'access method', quote_ident(a.amname), null from pg_am a
          where a.oid >= 16384 and {methods}
         union all
         select 'conversion', format('%I.%I', n.nspname, c.conname), null
           from pg_conversion c join pg_namespace n on n.oid = c.connamespace
          where {conversions}
         union all
         select 'subscription', quote_ident(s.subname), null from pg_subscription s
          where s.subdbid = (select oid from pg_database where datname = current_database())
         union all
         select 'security label', format('%s on %s', l.provider, l.objname), null from pg_seclabels l
          where l.objtype not in ('database', 'role', 'tablespace')
         union all
         select 'user mapping', '', array[u.srvname, u.usename]::text[]
           from pg_user_mappings u
          where {hidden}
          order by 1, 2, 3",
        hidden = OPTIONS_HIDDEN,
        types = is_ours("pg_type", "t.oid"),
        languages = not_member("pg_language", "l.oid"),
        transforms = not_member("pg_transform", "t.oid"),
        methods = not_member("pg_am", "a.oid"),
        conversions = is_ours("pg_conversion", "c.oid"),
    )
}

/// Adds to a state what is there and is no fact.
pub(super) fn take(found: &mut Found, rows: &[Row]) -> Result<(), DbError> {
    let state = &mut found.state;
    for row in rows {
        let hidden: Option<Vec<String>> = row.get(2)?;
        match hidden {
            Some(path) => {
                state.unseen.insert(FactId::new(Kind::UserMapping, path));
            }
            None => state.unmodelled.push(Unmodelled {
                kind: row.get(0)?,
                name: row.get(1)?,
            }),
        }
    }
    Ok(())
}
