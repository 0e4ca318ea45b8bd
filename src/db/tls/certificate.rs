//! What libpq accepts in certificates, and rustls's own checks do not.
//!
//! PostgreSQL's manual, followed with the OpenSSL of its day, makes server certificates of X.509
//! version 1 that bear the host's name as their subject's common name. rustls refuses the version
//! and does not look at the common name.

use rustls::CertificateError;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use x509_cert::certificate::Version;
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

/// A certificate that could be read.
pub(super) struct Certificate(x509_cert::Certificate);

impl Certificate {
    /// Reads a certificate; what cannot be read is none that could be accepted.
    pub(super) fn read(der: &CertificateDer<'_>) -> Option<Self> {
        x509_cert::Certificate::from_der(der).ok().map(Self)
    }

    /// Its key, as rustls takes it.
    pub(super) fn key(&self) -> Option<SubjectPublicKeyInfoDer<'static>> {
        let info = &self.0.tbs_certificate.subject_public_key_info;
        info.to_der().ok().map(SubjectPublicKeyInfoDer::from)
    }

    /// Whether it is of version 1, which has no extensions.
    pub(super) fn is_version_1(&self) -> bool {
        self.0.tbs_certificate.version == Version::V1
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_its_own_issuer(&self) -> bool {
        self.0.tbs_certificate.issuer == self.0.tbs_certificate.subject
    }

    /// Whether `now` lies within its time.
    pub(super) fn check_time(&self, now: UnixTime) -> Result<(), CertificateError> {
        let validity = &self.0.tbs_certificate.validity;
        if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
            return Err(CertificateError::NotValidYet);
        }
        if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
            return Err(CertificateError::Expired);
        }
        Ok(())
    }

    /// Whether `issuer`, a root, signed it.
    pub(super) fn is_signed_by(
        &self,
        issuer: &Self,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> bool {
        if self.0.tbs_certificate.issuer != issuer.0.tbs_certificate.subject
            || !issuer.may_issue()
            || self.0.signature_algorithm != self.0.tbs_certificate.signature
        {
            return false;
        }
        let key = &issuer.0.tbs_certificate.subject_public_key_info;
        let (Ok(message), Ok(signature_algorithm), Ok(key_algorithm)) = (
            self.0.tbs_certificate.to_der(),
            self.0.signature_algorithm.to_der(),
            key.algorithm.to_der(),
        ) else {
            return false;
        };
        let (Some(signature), Some(key)) = (
            self.0.signature.as_bytes(),
            key.subject_public_key.as_bytes(),
        ) else {
            return false;
        };
        algorithms.all.iter().any(|algorithm| {
            content(&signature_algorithm) == Some(algorithm.signature_alg_id().as_ref())
                && content(&key_algorithm) == Some(algorithm.public_key_alg_id().as_ref())
                && algorithm.verify_signature(key, &message, signature).is_ok()
        })
    }

    /// Version 1 cannot say that it must not; version 3 has to say that it may.
    fn may_issue(&self) -> bool {
        self.is_version_1()
            || matches!(
                self.0.tbs_certificate.get::<BasicConstraints>(),
                Ok(Some((_, BasicConstraints { ca: true, .. })))
            )
    }

    /// Whether it names `server` in its common name, which counts where it names no host or
    /// address otherwise.
    pub(super) fn common_name_is(&self, server: &ServerName<'_>) -> bool {
        let named_otherwise = match self.0.tbs_certificate.get::<SubjectAltName>() {
            Ok(None) => false,
            Ok(Some((_, names))) => names
                .0
                .iter()
                .any(|name| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_))),
            Err(_) => true,
        };
        if named_otherwise {
            return false;
        }
        self.common_name()
            .is_some_and(|name| matches(&name, &server.to_str()))
    }

    /// The subject's common name.
    fn common_name(&self) -> Option<String> {
        let subject = &self.0.tbs_certificate.subject;
        let mut attributes = subject.0.iter().flat_map(|names| names.0.iter());
        let value = &attributes.find(|name| name.oid == COMMON_NAME)?.value;
        let name = Utf8StringRef::try_from(value)
            .map(|text| text.as_str().to_owned())
            .or_else(|_| PrintableStringRef::try_from(value).map(|text| text.as_str().to_owned()))
            .or_else(|_| Ia5StringRef::try_from(value).map(|text| text.as_str().to_owned()))
            .or_else(|_| TeletexStringRef::try_from(value).map(|text| text.as_str().to_owned()));
        // An embedded NUL is an old trick to be taken for another name.
        name.ok().filter(|name| !name.contains('\0'))
    }
}

/// The content of a short DER sequence, without its header.
fn content(der: &[u8]) -> Option<&[u8]> {
    match der {
        [0x30, length, content @ ..] if usize::from(*length) == content.len() => Some(content),
        _ => None,
    }
}

/// Whether a certificate's name is, or covers, the server's: `*.` stands for one label.
fn matches(name: &str, server: &str) -> bool {
    let server = server.trim_end_matches('.');
    if name.eq_ignore_ascii_case(server) {
        return true;
    }
    let Some((label, domain)) = server.split_once('.') else {
        return false;
    };
    name.strip_prefix("*.")
        .is_some_and(|covered| !label.is_empty() && covered.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label() {
        assert!(matches("db.example.org", "DB.example.org"));
        assert!(matches("*.example.org", "db.example.org"));
        assert!(!matches("*.example.org", "a.db.example.org"));
        assert!(!matches("*.example.org", "example.org"));
        assert!(!matches("*", "db"));
        assert!(!matches("d*.example.org", "db.example.org"));
        assert!(!matches("other.example.org", "db.example.org"));
        assert!(matches("10.0.0.1", "10.0.0.1"));
        assert!(!matches("*.0.0.1", "db"));
    }

    #[test]
    fn sequences_lose_their_header() {
        assert_eq!(content(&[0x30, 2, 5, 0]), Some([5, 0].as_slice()));
        assert_eq!(content(&[0x30, 3, 5, 0]), None);
        assert_eq!(content(&[]), None);
    }
}
