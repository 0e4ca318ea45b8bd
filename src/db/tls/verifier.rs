//! Who checks a server's certificate, and how far.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ServerCertVerifierBuilder, VerifierBuilderError, WebPkiServerVerifier, verify_server_name,
};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::Certificate;

/// Takes any certificate, as `require` and weaker modes do. The handshake's signature is checked
/// still: the login is bound to the certificate by it.
#[derive(Debug)]
pub(super) struct Unverified(WebPkiSupportedAlgorithms);

impl Unverified {
    pub(super) fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        handshake_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// The check of TLS 1.3, which rustls makes for a bare key too: one of a version 1 certificate,
/// say. (TLS 1.2 has no such way; servers that speak no better have other troubles.)
fn handshake_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = Certificate::read(certificate)
        .filter(Certificate::is_version_1)
        .and_then(|certificate| certificate.key());
    match key {
        Some(key) => verify_tls13_signature_with_raw_key(message, &key, signature, algorithms),
        None => verify_tls13_signature(message, certificate, signature, algorithms),
    }
}

/// Checks where the certificate comes from, and with `verify-full` the name.
#[derive(Debug)]
pub(super) struct Verified {
    /// Absent where no certificate of the file can be an authority's.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates of the `sslrootcert` file.
    given: Vec<CertificateDer<'static>>,
    name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verified {
    pub(super) fn new(
        roots: RootCertStore,
        given: Vec<CertificateDer<'static>>,
        name: bool,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let builder = (!roots.is_empty()).then(|| {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        });
        Ok(Self {
            chain: builder.map(ServerCertVerifierBuilder::build).transpose()?,
            given,
            name,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// What rustls does not check as OpenSSL does: a certificate that is given itself, or would
    /// have to be, and one of version 1 that a given one signed. `None` for all others.
    fn check_origin(
        &self,
        der: &CertificateDer<'_>,
        certificate: &Certificate,
        now: UnixTime,
    ) -> Option<Result<(), CertificateError>> {
        if self.given.contains(der) {
            return Some(certificate.check_time(now));
        }
        if certificate.is_its_own_issuer() {
            return Some(Err(CertificateError::UnknownIssuer));
        }
        if !certificate.is_version_1() {
            return None;
        }
        let mut issuers = self.given.iter().filter_map(Certificate::read);
        let signed = issuers.any(|issuer| {
            certificate.is_signed_by(&issuer, &self.algorithms) && issuer.check_time(now).is_ok()
        });
        Some(if signed {
            certificate.check_time(now)
        } else {
            Err(CertificateError::UnknownIssuer)
        })
    }
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = Certificate::read(end_entity)
            .ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let verdict = match (
            self.check_origin(end_entity, &certificate, now),
            &self.chain,
        ) {
            (Some(Err(error)), _) => Err(Error::InvalidCertificate(error)),
            (Some(Ok(())), _) if !self.name => Ok(ServerCertVerified::assertion()),
            // A version without extensions has no name but the common one.
            (Some(Ok(())), _) if certificate.is_version_1() => Err(wrong_name(server_name)),
            (Some(Ok(())), _) => ParsedCertificate::try_from(end_entity)
                .and_then(|parsed| verify_server_name(&parsed, server_name))
                .map(|()| ServerCertVerified::assertion()),
            (None, None) => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            (None, Some(chain)) => {
                chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
        };
        // The name is checked last, so that a wrong name means that all else is good.
        match verdict {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name || certificate.common_name_is(server_name) => {
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        handshake_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn wrong_name(server_name: &ServerName<'_>) -> Error {
    Error::InvalidCertificate(CertificateError::NotValidForNameContext {
        expected: server_name.to_owned(),
        presented: Vec::new(),
    })
}
