//! Which parameters there are, and where a value comes from when several say it.

use std::collections::BTreeMap;

use super::UrlDefect;
use crate::revision::nearest;

/// What becomes of a parameter.
enum Use {
    /// It is obeyed.
    Obeyed,
    /// It has no effect here and hides nothing.
    Harmless,
    /// It would have to be obeyed, and is not.
    Refused(&'static str),
}

/// Every parameter of libpq, its environment variable, and what becomes of it.
const PARAMETERS: &[(&str, &str, Use)] = &[
    ("host", "PGHOST", Use::Obeyed),
    ("hostaddr", "PGHOSTADDR", Use::Obeyed),
    ("port", "PGPORT", Use::Obeyed),
    ("dbname", "PGDATABASE", Use::Obeyed),
    ("user", "PGUSER", Use::Obeyed),
    ("password", "PGPASSWORD", Use::Obeyed),
    ("passfile", "PGPASSFILE", Use::Obeyed),
    ("service", "PGSERVICE", Use::Obeyed),
    ("servicefile", "PGSERVICEFILE", Use::Obeyed),
    ("options", "PGOPTIONS", Use::Obeyed),
    ("application_name", "PGAPPNAME", Use::Obeyed),
    ("fallback_application_name", "", Use::Harmless),
    ("connect_timeout", "PGCONNECT_TIMEOUT", Use::Obeyed),
    ("client_encoding", "PGCLIENTENCODING", Use::Harmless),
    ("channel_binding", "PGCHANNELBINDING", Use::Obeyed),
    ("keepalives", "", Use::Obeyed),
    ("keepalives_idle", "", Use::Obeyed),
    ("keepalives_interval", "", Use::Obeyed),
    ("keepalives_count", "", Use::Obeyed),
    ("tcp_user_timeout", "", Use::Obeyed),
    ("target_session_attrs", "PGTARGETSESSIONATTRS", Use::Obeyed),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS", Use::Obeyed),
    ("sslmode", "PGSSLMODE", Use::Obeyed),
    (
        "requiressl",
        "PGREQUIRESSL",
        Use::Refused("write `sslmode=require`"),
    ),
    ("sslnegotiation", "PGSSLNEGOTIATION", Use::Obeyed),
    ("sslrootcert", "PGSSLROOTCERT", Use::Obeyed),
    ("sslcert", "PGSSLCERT", Use::Obeyed),
    ("sslkey", "PGSSLKEY", Use::Obeyed),
    (
        "sslpassword",
        "",
        Use::Refused("use a client key without a passphrase"),
    ),
    ("sslcertmode", "PGSSLCERTMODE", Use::Harmless),
    ("sslcompression", "PGSSLCOMPRESSION", Use::Harmless),
    ("sslsni", "PGSSLSNI", Use::Harmless),
    (
        "ssl_min_protocol_version",
        "PGSSLMINPROTOCOLVERSION",
        Use::Obeyed,
    ),
    (
        "ssl_max_protocol_version",
        "PGSSLMAXPROTOCOLVERSION",
        Use::Harmless,
    ),
    (
        "sslcrl",
        "PGSSLCRL",
        Use::Refused("certificate revocation lists are not read"),
    ),
    (
        "sslcrldir",
        "PGSSLCRLDIR",
        Use::Refused("certificate revocation lists are not read"),
    ),
    (
        "requirepeer",
        "PGREQUIREPEER",
        Use::Refused("check the owner of the socket's folder"),
    ),
    (
        "require_auth",
        "PGREQUIREAUTH",
        Use::Refused("use `channel_binding=require`"),
    ),
    ("gssencmode", "PGGSSENCMODE", Use::Harmless),
    ("gsslib", "PGGSSLIB", Use::Harmless),
    ("gssdelegation", "PGGSSDELEGATION", Use::Harmless),
    ("krbsrvname", "PGKRBSRVNAME", Use::Harmless),
    (
        "min_protocol_version",
        "PGMINPROTOCOLVERSION",
        Use::Harmless,
    ),
    (
        "max_protocol_version",
        "PGMAXPROTOCOLVERSION",
        Use::Harmless,
    ),
    (
        "replication",
        "",
        Use::Refused("a replication connection runs no migrations"),
    ),
    // Prisma's word for "there is a transaction pooler"; read by the pooler check.
    ("pgbouncer", "", Use::Obeyed),
];

/// The values that one source gives.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: BTreeMap<&'static str, String>,
    after_password: bool,
}

impl Given {
    /// Takes a parameter by its libpq name; a later one replaces an earlier one.
    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), UrlDefect> {
        let Some((known, _, used)) = PARAMETERS.iter().find(|(known, ..)| *known == name) else {
            // An unquoted password spills into what looks like the next name.
            let spilled = self.after_password;
            return Err(UrlDefect::UnknownParameter {
                nearest: nearest(name, PARAMETERS.iter().map(|(known, ..)| *known))
                    .filter(|_| !spilled)
                    .and_then(|near| PARAMETERS.iter().find(|(known, ..)| *known == near))
                    .map(|(known, ..)| *known),
                name: (!spilled).then(|| name.to_owned()),
            });
        };
        self.after_password = matches!(*known, "password" | "sslpassword");
        match used {
            Use::Obeyed => {
                self.values.insert(known, value);
            }
            Use::Harmless => {}
            Use::Refused(_) if value.is_empty() => {}
            Use::Refused(instead) => {
                return Err(UrlDefect::Unsupported {
                    name: known,
                    instead,
                });
            }
        }
        Ok(())
    }

    /// What the environment's `PG*` variables give.
    pub(super) fn from_environment(
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, UrlDefect> {
        let mut given = Self::default();
        for (name, variable, _) in PARAMETERS {
            if let Some(value) = variables.get(*variable)
                && !value.is_empty()
            {
                given.set(name, value.clone())?;
            }
        }
        Ok(given)
    }

    /// The value of a parameter; an empty one counts as absent, as in libpq.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Fills what is absent here from a source that comes after this one.
    pub(super) fn or(&mut self, later: Self) {
        for (name, value) in later.values {
            self.values.entry(name).or_insert(value);
        }
    }
}
