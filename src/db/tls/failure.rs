//! Why a handshake failed.

use rustls::CertificateError;

use crate::db::TlsFailure;

/// What an error says of a handshake; `None` where it is about something else.
///
/// A server's answer to a handshake may come with the first thing that is read after it.
pub(in crate::db) fn failure(error: &(dyn std::error::Error + 'static)) -> Option<TlsFailure> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(of_rustls(error));
        }
        cause = error.source();
    }
    None
}

fn of_rustls(error: &rustls::Error) -> TlsFailure {
    match error {
        rustls::Error::InvalidCertificate(defect) => match defect {
            CertificateError::UnknownIssuer => TlsFailure::UntrustedIssuer,
            CertificateError::NotValidForName => TlsFailure::WrongName { names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => TlsFailure::WrongName {
                names: presented.iter().map(|name| bare(name)).collect(),
            },
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFailure::Expired,
            _ => TlsFailure::Handshake {
                reason: error.to_string(),
            },
        },
        _ => TlsFailure::Handshake {
            reason: error.to_string(),
        },
    }
}

/// The name in `DnsName("db.example.org")`, as rustls shows it.
fn bare(presented: &str) -> String {
    let inner = presented
        .split_once('(')
        .and_then(|(_, inner)| inner.strip_suffix(')'));
    inner.unwrap_or(presented).trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn names_are_shown_bare() {
        assert_eq!(bare("DnsName(\"db.example.org\")"), "db.example.org");
        assert_eq!(bare("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(bare("db.example.org"), "db.example.org");
    }
}
