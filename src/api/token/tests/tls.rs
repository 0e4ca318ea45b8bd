//! A server of keys that cannot prove who it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::signer::{Signer, now, settings};
use crate::api::token::{JwksSettings, TokenFault, TokenSettings, Verifier};
use crate::clock::Clock;

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (came, spoke) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    tokio::spawn({
        let (came, spoke) = (Arc::clone(&came), Arc::clone(&spoke));
        async move {
            while let Ok((stream, _)) = listener.accept().await {
                came.fetch_add(1, Ordering::SeqCst);
                if acceptor.accept(stream).await.is_ok() {
                    spoke.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    });
    let settings = TokenSettings {
        jwks: Some(JwksSettings::new(format!(
            "https://localhost:{port}/jwks.json"
        ))),
        ..settings()
    };
    let verifier = Verifier::new(settings, Clock::Fixed(now())).unwrap();
    assert_eq!(
        verifier.verify(&Signer::rsa().good_token()).await.err(),
        Some(TokenFault::KeysUnavailable)
    );
    assert_eq!(came.load(Ordering::SeqCst), 1, "it was asked");
    assert_eq!(spoke.load(Ordering::SeqCst), 0, "and not believed");
}
