use serde::Serialize;

use crate::db::{DbError, Session};

/// A session that another one waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// Its backend's process id; 0 for a prepared transaction, which has no session.
    pub pid: i32,
    /// Its user.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
    /// Where it comes from; `None` on a Unix socket, or where the server does not tell, as with
    /// all below.
    pub client: Option<String>,
    /// What it does now, in PostgreSQL's word: `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// How long its transaction has been open.
    pub transaction_ms: Option<i64>,
    /// The statement that it runs, or ran last: one line, at most 200 characters.
    pub query: Option<String>,
    /// The mode of the lock that is waited for: `AccessExclusiveLock`.
    pub wanted: Option<String>,
    /// The modes in which it holds what is waited for; `None` where it only waits in front.
    pub held: Option<String>,
    /// The table, index or the like that the lock is on, where it is on one.
    pub relation: Option<String>,
}

/// What `pg_stat_activity` says that a session runs: one line, shortened; null where the server
/// does not tell of other users' sessions.
pub(super) const QUERY: &str = "case when a.query <> '' and a.query <> '<insufficient privilege>' \
     then left(btrim(regexp_replace(a.query, '\\s+', ' ', 'g')), 200) end";

/// How long a session's transaction has been open.
pub(super) const TRANSACTION_MS: &str =
    "(extract(epoch from clock_timestamp() - a.xact_start) * 1000)::bigint";

/// Whom the backend `pid` waits for, by their process ids; nobody where it waits for no lock.
///
/// To be asked of another session, whose `search_path` is empty.
///
/// # Errors
/// The server's.
pub async fn blockers(session: &Session, pid: i32) -> Result<Vec<Blocker>, DbError> {
    // `pg_blocking_pids` holds up the whole lock manager for a moment: it is asked only where
    // there is something to tell.
    let sql = format!(
        "with wanted as ( \
             select * from pg_locks where pid = $1 and not granted limit 1 \
         ), held as ( \
             select h.pid, string_agg(distinct h.mode, ', ') as modes \
             from wanted w join pg_locks h on h.granted \
                 and (h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, \
                      h.transactionid, h.classid, h.objid, h.objsubid) is not distinct from \
                     (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, \
                      w.transactionid, w.classid, w.objid, w.objsubid) \
             group by 1 \
         ) \
         select b.pid, a.usename::text, a.application_name, host(a.client_addr), a.state, \
                {TRANSACTION_MS}, {QUERY}, w.mode, h.modes, w.relation::regclass::text \
         from (select distinct unnest(pg_blocking_pids(me.pid)) as pid \
               from pg_stat_activity me where me.pid = $1 and me.wait_event_type = 'Lock') b \
         left join pg_stat_activity a on a.pid = b.pid \
         left join held h on h.pid = b.pid \
         left join wanted w on true \
         order by 1"
    );
    let rows = session.query(&sql, &[pid.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Blocker {
                pid: row.get(0)?,
                user: row.get(1)?,
                application: row.get(2)?,
                client: row.get(3)?,
                state: row.get(4)?,
                transaction_ms: row.get(5)?,
                query: row.get(6)?,
                wanted: row.get(7)?,
                held: row.get(8)?,
                relation: row.get(9)?,
            })
        })
        .collect()
}
