//! What a connection string asks of TLS.

use std::path::{Path, PathBuf};

use super::parameters::Given;
use super::parts::{ClientCertificate, RootCertificates};
use super::values::word;
use super::{SslMode, UrlDefect};

/// How TLS is spoken, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) struct TlsSpec {
    pub(in crate::db) mode: SslMode,
    /// Whether TLS starts at once (`sslnegotiation=direct`), without asking in the clear first.
    pub(in crate::db) direct: bool,
    pub(in crate::db) root: RootCertificates,
    pub(in crate::db) client: Option<ClientCertificate>,
    pub(in crate::db) only_1_3: bool,
}

impl TlsSpec {
    pub(super) fn from_parameters(given: &Given, home: Option<&Path>) -> Result<Self, UrlDefect> {
        let in_home = |name: &str| {
            home.map(|home| home.join(".postgresql").join(name))
                .filter(|path| path.is_file())
        };
        let root = match given.get("sslrootcert") {
            Some("system") => RootCertificates::System,
            Some(path) => RootCertificates::File(PathBuf::from(path)),
            None => in_home("root.crt").map_or(RootCertificates::Unset, RootCertificates::File),
        };
        let mode = word(
            given,
            "sslmode",
            "`disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
            SslMode::parse,
        )?;
        let mode = match (mode, &root) {
            (None, RootCertificates::System) => SslMode::VerifyFull,
            (None, _) => SslMode::Prefer,
            (Some(mode), RootCertificates::System) if mode != SslMode::VerifyFull => {
                return Err(UrlDefect::WeakSslMode {
                    mode: mode.as_str(),
                });
            }
            // libpq: a root certificate turns `require` into `verify-ca`.
            (Some(SslMode::Require), RootCertificates::File(_)) => SslMode::VerifyCa,
            (Some(mode), _) => mode,
        };
        let direct = word(
            given,
            "sslnegotiation",
            "`postgres` or `direct`",
            |text| match text {
                "postgres" => Some(false),
                "direct" => Some(true),
                _ => None,
            },
        )?
        .unwrap_or(false);
        if direct && mode < SslMode::Require {
            return Err(UrlDefect::Value {
                name: "sslmode",
                value: Some(mode.as_str().to_owned()),
                expected: "`require` or stronger with `sslnegotiation=direct`",
            });
        }
        let certificate = given.get("sslcert").map(PathBuf::from);
        let key = given.get("sslkey").map(PathBuf::from);
        let client = certificate
            .or_else(|| in_home("postgresql.crt"))
            .zip(key.or_else(|| in_home("postgresql.key")))
            .map(|(certificate, key)| ClientCertificate { certificate, key });
        let only_1_3 = word(
            given,
            "ssl_min_protocol_version",
            "`TLSv1`, `TLSv1.1`, `TLSv1.2` or `TLSv1.3`",
            |text| match text {
                "TLSv1" | "TLSv1.1" | "TLSv1.2" => Some(false),
                "TLSv1.3" => Some(true),
                _ => None,
            },
        )?;
        Ok(Self {
            mode,
            direct,
            root,
            client,
            only_1_3: only_1_3.unwrap_or(false),
        })
    }
}
