//! What a server of keys may answer, and that it may not answer at all.

use std::time::Duration;

use tokio::net::TcpListener;

use super::server::{Answer, Server, answer, ok, set, set_of};
use super::signer::{Signer, fault, minutes, now, settings};
use crate::api::token::{JwksSettings, TokenFault, TokenSettings, Verifier};
use crate::clock::Clock;

#[tokio::test]
async fn nobody_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let settings = TokenSettings {
        jwks: Some(JwksSettings::new(format!(
            "http://127.0.0.1:{port}/jwks.json"
        ))),
        ..settings()
    };
    let verifier = Verifier::new(settings, Clock::Fixed(now())).unwrap();
    assert_eq!(
        verifier.verify(&Signer::rsa().good_token()).await.err(),
        Some(TokenFault::KeysUnavailable)
    );
    assert!(
        verifier
            .verify(&Signer::secret().good_token())
            .await
            .is_ok(),
        "the secret needs no server"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    let server = Server::start(set_of(&[&Signer::rsa()])).await;
    server.close();
    let settings = TokenSettings {
        jwks: Some(JwksSettings {
            timeout: Duration::from_millis(20),
            ..JwksSettings::new(server.url())
        }),
        ..settings()
    };
    let verifier = Verifier::new(settings, Clock::Fixed(now())).unwrap();
    assert_eq!(
        verifier.verify(&Signer::rsa().good_token()).await.err(),
        Some(TokenFault::KeysUnavailable)
    );
}

/// What a server may answer in place of a key set.
fn bad_answers(good: &str, elsewhere: &str) -> Vec<Answer> {
    let location = format!("location: {elsewhere}\r\n");
    let large = format!("{good}{}", " ".repeat(64 * 1024 + 1 - good.len()));
    let without_length = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{large}");
    vec![
        ok(""),
        ok("<html>no keys here</html>"),
        ok("[]"),
        ok(r#"{"keys":{}}"#),
        ok(&good[1..]),
        ok(&large),
        without_length.into_bytes(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{}".to_vec(),
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        answer("201 Created", "", good),
        answer("404 Not Found", "", good),
        answer("500 Internal Server Error", "", good),
        answer("301 Moved Permanently", &location, good),
        answer("302 Found", &location, good),
        answer("307 Temporary Redirect", &location, good),
        answer("308 Permanent Redirect", &location, good),
    ]
}

#[tokio::test]
async fn another_answer_brings_no_keys_and_takes_none() {
    let ec = Signer::ec("ec-1");
    let good = set(&[ec.jwk()]);
    let elsewhere = Server::start(ok(&good)).await;
    for bad in bad_answers(&good, &elsewhere.url()) {
        let told = String::from_utf8_lossy(&bad[..bad.len().min(80)]).into_owned();
        let server = Server::start(bad.clone()).await;
        assert_eq!(
            fault(&server.verifier(), &ec.good_token(), now()).await,
            Some(TokenFault::KeysUnavailable),
            "{told}"
        );

        server.answers(ok(&good));
        let verifier = server.verifier();
        assert_eq!(fault(&verifier, &ec.good_token(), now()).await, None);
        server.answers(bad);
        let mut landed = verifier.ring().landings();
        assert_eq!(fault(&verifier, &ec.good_token(), minutes(11)).await, None);
        landed.changed().await.unwrap();
        assert_eq!(
            fault(&verifier, &ec.good_token(), minutes(12)).await,
            None,
            "{told}"
        );
    }
    assert_eq!(elsewhere.fetches(), 0, "no redirect is followed");
}

#[tokio::test]
async fn a_set_may_fill_its_room() {
    let ec = Signer::ec("ec-1");
    let good = set(&[ec.jwk()]);
    let full = format!("{good}{}", " ".repeat(64 * 1024 - good.len()));
    let server = Server::start(ok(full)).await;
    assert_eq!(
        fault(&server.verifier(), &ec.good_token(), now()).await,
        None
    );
}

#[tokio::test]
async fn a_set_may_be_empty() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(ok(set(&[]))).await;
    let verifier = server.verifier();
    // A project that signs with its secret alone publishes no keys. That is an answer.
    assert_eq!(
        fault(&verifier, &ec.good_token(), now()).await,
        Some(TokenFault::UnknownKey)
    );
}
