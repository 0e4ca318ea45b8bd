//! Where to connect and as whom, by libpq's own rules.

mod connect_spec;
mod defect;
mod endpoints;
mod keywords;
mod parameters;
mod parts;
mod passfile;
mod pooler;
mod service;
#[cfg(test)]
mod tests;
mod tls_spec;
mod url;
mod values;

pub use connect_spec::{ConnectSpec, Surroundings};
pub use defect::{KeywordDefect, UrlDefect};
pub use parts::{Endpoint, Host, Parts, SslMode, TargetSession};
pub use passfile::PassfileIgnored;
pub use pooler::PoolerSign;

pub(super) use parts::{ChannelBinding, ClientCertificate, Keepalives, RootCertificates};
pub(super) use tls_spec::TlsSpec;
