//! TLS by rustls with libpq's meaning of each `sslmode`.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::spec::{ClientCertificate, RootCertificates, TlsSpec};
use super::{SslMode, TlsFailure};

/// What a handshake is made with.
///
/// # Errors
/// What is wrong with the certificates that the specification names.
pub(super) fn connector(tls: &TlsSpec) -> Result<MakeRustlsConnect, TlsFailure> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] = if tls.only_1_3 {
        &[&rustls::version::TLS13]
    } else {
        rustls::ALL_VERSIONS
    };
    let handshake = |error: rustls::Error| TlsFailure::Handshake {
        reason: error.to_string(),
    };
    let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
        SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => {
            Arc::new(Unverified(Arc::clone(&provider)))
        }
        SslMode::VerifyCa | SslMode::VerifyFull => {
            let roots = roots(&tls.root)?;
            let chain = WebPkiServerVerifier::builder_with_provider(
                Arc::new(roots.store),
                Arc::clone(&provider),
            )
            .build()
            .map_err(|error| TlsFailure::Handshake {
                reason: error.to_string(),
            })?;
            Arc::new(Verified {
                chain,
                pinned: roots.pinned,
                name: tls.mode == SslMode::VerifyFull,
            })
        }
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(handshake)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &tls.client {
        Some(client) => {
            let (certificates, key) = client_certificate(client)?;
            builder
                .with_client_auth_cert(certificates, key)
                .map_err(|error| TlsFailure::File {
                    path: client.certificate.clone(),
                    reason: error.to_string(),
                })?
        }
        None => builder.with_no_client_auth(),
    };
    if tls.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

struct Roots {
    store: RootCertStore,
    /// The certificates of the file themselves: a server's own is as good as one that issued it.
    pinned: Vec<CertificateDer<'static>>,
}

fn roots(root: &RootCertificates) -> Result<Roots, TlsFailure> {
    let mut store = RootCertStore::empty();
    let mut pinned = Vec::new();
    match root {
        RootCertificates::Unset => {
            return Err(TlsFailure::NoRootCertificate { missing: None });
        }
        RootCertificates::System => {
            let loaded = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(loaded.certs);
            if store.is_empty() {
                let reasons: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
                return Err(TlsFailure::SystemRoots {
                    reason: if reasons.is_empty() {
                        "there are none".to_owned()
                    } else {
                        reasons.join("; ")
                    },
                });
            }
        }
        RootCertificates::File(path) => {
            if !path.exists() {
                return Err(TlsFailure::NoRootCertificate {
                    missing: Some(path.clone()),
                });
            }
            let file = |reason: String| TlsFailure::File {
                path: path.clone(),
                reason,
            };
            for certificate in
                CertificateDer::pem_file_iter(path).map_err(|error| file(error.to_string()))?
            {
                let certificate = certificate.map_err(|error| file(error.to_string()))?;
                // A root that cannot be an issuer for rustls can still be pinned.
                let _unparsable = store.add(certificate.clone());
                pinned.push(certificate);
            }
            if store.is_empty() {
                return Err(file("it holds no certificate that can be read".to_owned()));
            }
        }
    }
    Ok(Roots { store, pinned })
}

type CertificateAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn client_certificate(client: &ClientCertificate) -> Result<CertificateAndKey, TlsFailure> {
    let certificates = CertificateDer::pem_file_iter(&client.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| TlsFailure::File {
            path: client.certificate.clone(),
            reason: error.to_string(),
        })?;
    let key = PrivateKeyDer::from_pem_file(&client.key).map_err(|error| TlsFailure::File {
        path: client.key.clone(),
        reason: error.to_string(),
    })?;
    Ok((certificates, key))
}

/// Takes any certificate, as `require` and weaker modes do. The handshake's signature is checked
/// still: the login is bound to the certificate by it.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Checks the chain, and with `verify-full` the name.
#[derive(Debug)]
struct Verified {
    chain: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
    name: bool,
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.chain.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        // The name is checked last, so that a wrong name means a good chain.
        match verdict {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// What a failed handshake says.
pub(super) fn failure(error: &(dyn std::error::Error + 'static)) -> TlsFailure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return of_rustls(error);
        }
        cause = error.source();
    }
    TlsFailure::Handshake {
        reason: error.to_string(),
    }
}

fn of_rustls(error: &rustls::Error) -> TlsFailure {
    match error {
        rustls::Error::InvalidCertificate(defect) => match defect {
            CertificateError::UnknownIssuer => TlsFailure::UntrustedIssuer,
            CertificateError::NotValidForName => TlsFailure::WrongName { names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => TlsFailure::WrongName {
                names: presented.clone(),
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
