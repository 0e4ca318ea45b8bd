//! What handshakes are made with: the mode, the roots, the client's own certificate.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::verifier::{Unverified, Verified};
use crate::db::spec::{ClientCertificate, RootCertificates, TlsSpec};
use crate::db::{SslMode, TlsFailure};

/// What a handshake is made with.
///
/// # Errors
/// What is wrong with the certificates that the specification names.
pub(in crate::db) fn connector(tls: &TlsSpec) -> Result<MakeRustlsConnect, TlsFailure> {
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
            Arc::new(Unverified::new(&provider))
        }
        SslMode::VerifyCa | SslMode::VerifyFull => {
            let roots = roots(&tls.root)?;
            let name = tls.mode == SslMode::VerifyFull;
            let verified =
                Verified::new(roots.store, roots.given, name, &provider).map_err(|error| {
                    TlsFailure::Handshake {
                        reason: error.to_string(),
                    }
                })?;
            Arc::new(verified)
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
    /// The certificates of the file themselves.
    given: Vec<CertificateDer<'static>>,
}

fn roots(root: &RootCertificates) -> Result<Roots, TlsFailure> {
    let mut store = RootCertStore::empty();
    let mut given = Vec::new();
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
                // What cannot be an issuer for rustls can still be the server's own.
                let _unparsable = store.add(certificate.clone());
                given.push(certificate);
            }
            if given.is_empty() {
                return Err(file("it holds no certificate that can be read".to_owned()));
            }
        }
    }
    Ok(Roots { store, given })
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
