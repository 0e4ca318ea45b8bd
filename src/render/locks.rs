//! Who is in the way: sessions that hold what is waited for, and `locks`.

use std::fmt::Write as _;

use super::plain;
use super::style::{Role, Style};
use super::words::{duration, instant};
use crate::migrator::report::{Blocker, LocksReport, Runner};

/// `pid 4711 (maria, psql, from 10.0.0.7) holds AccessShareLock on public.t, idle in transaction
/// for 12.30 s: select * from t`
pub(super) fn blocker(blocker: &Blocker) -> String {
    let mut out = who(
        blocker.pid,
        blocker.user.as_deref(),
        blocker.application.as_deref(),
        blocker.client.as_deref(),
    );
    let _ = match (&blocker.held, &blocker.wanted) {
        (Some(held), _) => write!(out, " holds {held}"),
        (None, Some(_)) => write!(out, " waits in front for a lock"),
        (None, None) => write!(out, " is in the way"),
    };
    if let Some(relation) = &blocker.relation {
        let _ = write!(out, " on {}", plain::line(relation));
    }
    out.push_str(&doing(
        blocker.state.as_deref(),
        blocker.transaction_ms,
        blocker.query.as_deref(),
    ));
    out
}

/// `pid 4711 (maria, psql, from 10.0.0.7)`
fn who(pid: i32, user: Option<&str>, application: Option<&str>, client: Option<&str>) -> String {
    let mut out = if pid == 0 {
        "a prepared transaction".to_owned()
    } else {
        format!("pid {pid}")
    };
    let from = client.map(|client| format!("from {client}"));
    let told: Vec<String> = [user, application, from.as_deref()]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .map(|text| plain::line(text).into_owned())
        .collect();
    if !told.is_empty() {
        let _ = write!(out, " ({})", told.join(", "));
    }
    out
}

/// `, idle in transaction for 12.30 s: select * from t`
fn doing(state: Option<&str>, transaction_ms: Option<i64>, query: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(state) = state {
        let _ = write!(out, ", {state}");
    }
    if let Some(ms) = transaction_ms.and_then(|ms| u64::try_from(ms).ok()) {
        let word = if state.is_some_and(|state| state.contains("in transaction")) {
            " for"
        } else {
            ", in a transaction for"
        };
        let _ = write!(out, "{word} {}", duration(ms));
    }
    if let Some(query) = query {
        let _ = write!(out, ": {}", plain::line(query));
    }
    out
}

/// `locks`: who holds the migration lock, who waits for it, and what else of ours is there.
#[must_use]
pub fn locks(report: &LocksReport, style: &Style) -> String {
    let table = plain::line(&report.destination.version_table);
    let database = plain::line(&report.destination.database);
    let mut out = match &report.holder {
        None => {
            format!("nobody holds the migration lock of {table} in the database `{database}`\n")
        }
        Some(_) => format!("the migration lock of {table} in the database `{database}` is held\n"),
    };
    if let Some(holder) = &report.holder {
        out.push_str(&runner("holds", Role::Mark, holder, style));
        for one in &report.holder_blocked_by {
            let _ = writeln!(out, "         blocked by {}", blocker(one));
        }
    }
    for waiting in &report.waiting {
        out.push_str(&runner("waits", Role::Warning, waiting, style));
    }
    for other in &report.others {
        out.push_str(&runner("other", Role::Faint, other, style));
    }
    out
}

/// What can be done about who holds the lock; nothing where nobody does.
#[must_use]
pub fn locks_hint(report: &LocksReport, style: &Style) -> String {
    let Some(holder) = &report.holder else {
        return String::new();
    };
    format!(
        "{}: to end it: `select pg_terminate_backend({});` (what it did not commit is rolled back)\n",
        style.paint(Role::Hint, "hint"),
        holder.pid
    )
}

fn runner(word: &str, role: Role, runner: &Runner, style: &Style) -> String {
    let mut out = format!(
        "  {}  {}",
        style.paint(role, word),
        who(
            runner.pid,
            runner.user.as_deref(),
            runner.application.as_deref(),
            runner.client.as_deref(),
        )
    );
    if let Some(since) = runner.since {
        let _ = write!(out, " since {}", instant(since));
    }
    // One that waits asks again and again: what it ran last tells nothing.
    let query = runner.query.as_deref().filter(|_| !runner.waits);
    let state = runner.state.as_deref().filter(|_| !runner.waits);
    out.push_str(&doing(state, runner.transaction_ms, query));
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::{PLAIN, at, blocker as idle_reader, destination, hidden_blocker};
    use super::*;

    fn report() -> LocksReport {
        let text = |text: &str| Some(text.to_owned());
        let holder = Runner {
            pid: 4711,
            user: text("deploy"),
            application: text("grace-migrate/0.1.0 20261122T150300-00c0ffee"),
            client: text("10.0.0.8"),
            since: Some(at(3)),
            state: text("active"),
            transaction_ms: Some(4_200),
            query: text("alter table notes add column done bool"),
            holds: true,
            waits: false,
        };
        let waiting = Runner {
            pid: 4712,
            state: text("idle"),
            transaction_ms: None,
            query: text("select pg_catalog.pg_try_advisory_lock($1, $2)"),
            holds: false,
            waits: true,
            ..holder.clone()
        };
        let other = Runner {
            pid: 4713,
            client: None,
            since: None,
            state: None,
            query: None,
            waits: false,
            ..waiting.clone()
        };
        LocksReport {
            destination: destination(),
            lock_keys: (0x4752_4D47, -7),
            holder: Some(holder),
            holder_blocked_by: vec![idle_reader()],
            waiting: vec![waiting],
            others: vec![other],
        }
    }

    #[test]
    fn who_holds_and_who_waits() {
        let report = report();
        insta::assert_snapshot!(locks(&report, &PLAIN) + &locks_hint(&report, &PLAIN), @"
        the migration lock of public.alembic_version in the database `grace` is held
          holds  pid 4711 (deploy, grace-migrate/0.1.0 20261122T150300-00c0ffee, from 10.0.0.8) since 2026-11-22 15:03:00Z, active, in a transaction for 4.20 s: alter table notes add column done bool
                 blocked by pid 4711 (maria, psql, from 10.0.0.7) holds AccessShareLock on public.notes, idle in transaction for 12.30 s: select * from notes
          waits  pid 4712 (deploy, grace-migrate/0.1.0 20261122T150300-00c0ffee, from 10.0.0.8) since 2026-11-22 15:03:00Z
          other  pid 4713 (deploy, grace-migrate/0.1.0 20261122T150300-00c0ffee)
        hint: to end it: `select pg_terminate_backend(4711);` (what it did not commit is rolled back)
        ");
        let free = LocksReport {
            holder: None,
            holder_blocked_by: Vec::new(),
            waiting: Vec::new(),
            others: Vec::new(),
            ..report
        };
        insta::assert_snapshot!(locks(&free, &PLAIN) + &locks_hint(&free, &PLAIN), @"nobody holds the migration lock of public.alembic_version in the database `grace`");
    }

    #[test]
    fn who_is_in_the_way() {
        let prepared = Blocker {
            pid: 0,
            ..hidden_blocker()
        };
        let hostile = Blocker {
            application: Some("a\nb\u{1b}[2J".to_owned()),
            ..idle_reader()
        };
        let row = Blocker {
            relation: None,
            held: Some("ExclusiveLock".to_owned()),
            state: Some("active".to_owned()),
            ..idle_reader()
        };
        let shown = [prepared, hostile, row].map(|one| blocker(&one)).join("\n");
        insta::assert_snapshot!(shown, @"
        a prepared transaction waits in front for a lock on public.notes
        pid 4711 (maria, a b␛[2J, from 10.0.0.7) holds AccessShareLock on public.notes, idle in transaction for 12.30 s: select * from notes
        pid 4711 (maria, psql, from 10.0.0.7) holds ExclusiveLock, active, in a transaction for 12.30 s: select * from notes
        ");
    }
}
