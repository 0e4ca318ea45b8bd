//! The settings under which migrations run, and how a session is put back.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::sql::quote_literal;

/// What a session that migrates sets for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// How long a statement waits for a lock; zero is for ever.
    pub lock_timeout: Duration,
    /// How long a statement runs; zero is for ever.
    pub statement_timeout: Duration,
    /// How long the session may idle in a transaction before the server ends it; zero is for ever.
    pub idle_in_transaction_timeout: Duration,
    /// Whether the server is told to look after its client while a statement runs, so that a
    /// killed client's session ends within seconds; see [`SessionSettings::CLIENT_CHECK_SQL`].
    pub client_check: bool,
}

impl Default for SessionSettings {
    /// 3 s for locks, no limit for statements, a minute of idling in a transaction.
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(3),
            statement_timeout: Duration::ZERO,
            idle_in_transaction_timeout: Duration::from_secs(60),
            client_check: false,
        }
    }
}

impl SessionSettings {
    /// The statement that asks a server of 14 or later to look after its client, and gives a row
    /// where it does: systems other than Linux refuse.
    pub const CLIENT_CHECK_SQL: &str = "SELECT pg_catalog.set_config('client_connection_check_interval', '1000', false) \
         WHERE pg_catalog.strpos(pg_catalog.version(), 'linux') OPERATOR(pg_catalog.>) 0;";

    /// Whether a server of 14 or later would look after its client.
    pub const CLIENT_CHECKED_SQL: &str = "SELECT 1 WHERE pg_catalog.strpos(pg_catalog.version(), \
         'linux') OPERATOR(pg_catalog.>) 0";

    /// The statements that set up a session on a server of this version, for
    /// [`Session::batch`](super::Session::batch), outside of a transaction.
    ///
    /// Row security is *off*: the server then refuses what it would otherwise filter in silence.
    /// Strings are read as our own lexer reads them. The script's `search_path` is left as the
    /// role and the database have it.
    #[must_use]
    pub fn sql(&self, server_version_num: i32) -> String {
        set_sql("SET", self.wanted(server_version_num))
    }

    /// The same for one transaction alone, with no role but the one that logged in and nothing in
    /// the path: behind a transaction pooler, others may have left what they like.
    #[must_use]
    pub fn local_sql(&self, server_version_num: i32) -> String {
        let settings = set_sql("SET LOCAL", self.wanted(server_version_num));
        format!(
            "SET LOCAL session_authorization TO DEFAULT; SET LOCAL role TO DEFAULT; {settings} \
             SET LOCAL search_path = '';"
        )
    }

    /// The query for the names of those settings that this server gives the session by itself, and
    /// that `RESET ALL` therefore puts back as they are wanted.
    #[must_use]
    pub fn defaults_sql(&self, server_version_num: i32) -> String {
        let wanted: Vec<String> = self
            .wanted(server_version_num)
            .into_iter()
            .map(|(name, value)| format!("({}, {})", quote_literal(name), quote_literal(&value)))
            .collect();
        format!(
            "SELECT s.name FROM pg_catalog.pg_settings s \
             JOIN (VALUES {}) AS wanted (name, value) \
             ON s.name OPERATOR(pg_catalog.=) wanted.name \
             AND s.reset_val OPERATOR(pg_catalog.=) wanted.value",
            wanted.join(", ")
        )
    }

    /// The statements that put a session back between revisions and set it up again, outside of
    /// a transaction; `defaults` is what [`SessionSettings::defaults_sql`] found, and needs not be
    /// set.
    ///
    /// Role, settings, cursors, prepared statements, listeners, temporary objects and sequence
    /// values go, as with `DISCARD ALL`; session advisory locks stay.
    #[must_use]
    pub fn reset_sql(&self, server_version_num: i32, defaults: &BTreeSet<String>) -> String {
        let mut wanted = self.wanted(server_version_num);
        wanted.retain(|(name, _)| !defaults.contains(*name));
        format!(
            "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; CLOSE ALL; \
             DEALLOCATE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; {}",
            set_sql("SET", wanted)
        )
    }

    /// What is set, in the units of `pg_settings`.
    fn wanted(&self, server_version_num: i32) -> Vec<(&'static str, String)> {
        let milliseconds = |duration| milliseconds(duration).to_string();
        let mut wanted = vec![
            ("row_security", "off".to_owned()),
            ("standard_conforming_strings", "on".to_owned()),
            ("client_encoding", "UTF8".to_owned()),
            ("lock_timeout", milliseconds(self.lock_timeout)),
            ("statement_timeout", milliseconds(self.statement_timeout)),
            (
                "idle_in_transaction_session_timeout",
                milliseconds(self.idle_in_transaction_timeout),
            ),
        ];
        if server_version_num >= 140_000 {
            wanted.push(("idle_session_timeout", "0".to_owned()));
        }
        if self.client_check {
            wanted.push(("client_connection_check_interval", "1000".to_owned()));
        }
        if server_version_num >= 170_000 {
            wanted.push(("transaction_timeout", "0".to_owned()));
        }
        wanted
    }

    /// The statements that protect our own bookkeeping from what a script left, within the
    /// script's transaction; every name after them is to be written with its schema.
    ///
    /// The role goes back to the one that logged in (or that it was given at login).
    pub const BOOKKEEPING_SQL: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; \
         SET LOCAL search_path = ''; SET LOCAL row_security = off; \
         SET LOCAL standard_conforming_strings = on; SET LOCAL client_encoding = 'UTF8'; \
         SET LOCAL statement_timeout = 0;";

    /// The same, for a transaction of our own between two statements of a script that runs outside
    /// of one: what the script set stands again after it.
    pub const BOOKKEEPING_ASIDE_SQL: &str = "SET LOCAL session_authorization TO DEFAULT; \
         SET LOCAL role TO DEFAULT; \
         SET LOCAL search_path = ''; SET LOCAL row_security = off; \
         SET LOCAL standard_conforming_strings = on; SET LOCAL client_encoding = 'UTF8'; \
         SET LOCAL statement_timeout = 0;";
}

fn set_sql(set: &str, wanted: Vec<(&str, String)>) -> String {
    let sets: Vec<String> = wanted
        .into_iter()
        .map(|(name, value)| match value.parse::<u32>() {
            Err(_) if name == "client_encoding" => {
                format!("{set} {name} = {};", quote_literal(&value))
            }
            _ => format!("{set} {name} = {value};"),
        })
        .collect();
    sets.join(" ")
}

fn milliseconds(duration: Duration) -> i32 {
    // A wait above zero must not become 0, which is for ever.
    let above_zero = u128::from(!duration.is_zero());
    i32::try_from(duration.as_millis().max(above_zero)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_follow_the_server() {
        let settings = SessionSettings::default();
        let old = settings.sql(130_010);
        assert!(old.contains("SET lock_timeout = 3000;"));
        assert!(old.contains("SET idle_in_transaction_session_timeout = 60000;"));
        assert!(!old.contains("client_connection_check_interval"));
        let checked = SessionSettings {
            client_check: true,
            ..settings.clone()
        };
        assert!(
            checked
                .reset_sql(150_000, &BTreeSet::new())
                .contains("client_connection_check_interval = 1000")
        );
        assert!(!old.contains("idle_session_timeout = 0;"));
        assert!(!settings.sql(160_000).contains("transaction_timeout = 0"));
        assert!(settings.sql(170_002).contains("transaction_timeout = 0"));
        assert!(
            settings
                .reset_sql(170_002, &BTreeSet::new())
                .ends_with(&settings.sql(170_002))
        );
    }

    #[test]
    fn of_one_transaction_nothing_is_left() {
        let settings = SessionSettings {
            client_check: true,
            ..SessionSettings::default()
        };
        let sql = settings.local_sql(170_000);
        let statements: Vec<&str> = sql.split_terminator(';').map(str::trim).collect();
        assert!(statements.iter().all(|one| one.starts_with("SET LOCAL ")));
        for one in settings.sql(170_000).split_terminator(';') {
            let local = one.trim().replacen("SET", "SET LOCAL", 1);
            assert!(statements.contains(&local.as_str()), "{local}");
        }
    }

    #[test]
    fn a_short_wait_never_becomes_no_limit() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_micros(1)), 1);
        assert_eq!(milliseconds(Duration::from_secs(3)), 3_000);
        assert_eq!(milliseconds(Duration::MAX), i32::MAX);
    }
}
