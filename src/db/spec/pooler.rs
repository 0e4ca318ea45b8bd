//! Signs of a transaction pooler, which a migration cannot go through.

use super::{ConnectSpec, Host};

/// What tells that a URL leads to a transaction pooler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolerSign {
    /// Port 6543, where poolers listen in transaction mode.
    Port {
        /// The host with that port.
        host: String,
    },
    /// A host name with `-pooler.` in it.
    Host {
        /// The name.
        host: String,
    },
    /// The parameter `pgbouncer=true`.
    Parameter,
    /// Nothing in the URL: transactions of one connection went to different server processes.
    Processes,
}

impl ConnectSpec {
    /// What tells that this leads to a transaction pooler, if anything does.
    ///
    /// Behind one, session locks, `SET` and temporary objects go to whoever comes next.
    #[must_use]
    pub fn pooler_sign(&self) -> Option<PoolerSign> {
        if self.says_pgbouncer() {
            return Some(PoolerSign::Parameter);
        }
        self.endpoints().iter().find_map(|endpoint| {
            let Host::Tcp(host) = &endpoint.host else {
                return None;
            };
            if host.to_ascii_lowercase().contains("-pooler.") {
                Some(PoolerSign::Host { host: host.clone() })
            } else if endpoint.port == 6543 {
                Some(PoolerSign::Port { host: host.clone() })
            } else {
                None
            }
        })
    }
}
