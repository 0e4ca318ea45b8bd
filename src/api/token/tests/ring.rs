//! When the published keys are fetched. The server counts, and time is handed in.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::server::{Answer, Server, answer, hang_up, ok, set, set_of};
use super::signer::{Signer, minutes, now, seconds, settings, with};
use crate::api::token::{JwksSettings, TokenFault, TokenSettings, Verifier};
use crate::clock::Clock;

/// The verdicts of many tokens at once, by how often each came.
async fn at_once(
    verifier: &Arc<Verifier>,
    tokens: Vec<String>,
    at: DateTime<Utc>,
) -> Vec<Option<TokenFault>> {
    let mut tasks = JoinSet::new();
    for token in tokens {
        let verifier = Arc::clone(verifier);
        tasks.spawn(async move { verifier.verify_at(&token, at).await.err() });
    }
    tasks.join_all().await
}

async fn fault(verifier: &Verifier, token: &str, at: DateTime<Utc>) -> Option<TokenFault> {
    verifier.verify_at(token, at).await.err()
}

#[tokio::test]
async fn a_set_is_fetched_once_and_serves() {
    let (rsa, ec) = (Signer::rsa(), Signer::ec("ec-1"));
    let server = Server::start(set_of(&[&rsa, &ec])).await;
    let verifier = server.verifier();
    assert_eq!(
        server.fetches(),
        0,
        "nothing is fetched before it is needed"
    );
    for at in [now(), seconds(1), seconds(599)] {
        for signer in [&rsa, &ec] {
            assert_eq!(fault(&verifier, &signer.good_token(), at).await, None);
        }
    }
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn many_first_tokens_share_one_fetch() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(set_of(&[&ec])).await;
    let verifier = Arc::new(server.verifier());
    let faults = at_once(&verifier, vec![ec.good_token(); 50], now()).await;
    assert_eq!(faults, vec![None; 50]);
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn warming_fetches_before_the_first_token() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(set_of(&[&ec])).await;
    let verifier = server.verifier();
    verifier.warm().await;
    assert_eq!(server.fetches(), 1);
    verifier.warm().await;
    assert!(verifier.verify(&ec.good_token()).await.is_ok());
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn a_set_of_ten_minutes_is_renewed_and_nobody_waits() {
    let (old, new) = (Signer::ec("old"), Signer::ec("new"));
    let server = Server::start(set_of(&[&old])).await;
    let verifier = server.verifier();
    assert_eq!(fault(&verifier, &old.good_token(), now()).await, None);

    server.answers(set_of(&[&new]));
    server.close();
    let mut landed = verifier.ring().landings();
    // The server answers nobody, so that a token that waited would be one that hangs.
    for _ in 0..10 {
        assert_eq!(fault(&verifier, &old.good_token(), minutes(10)).await, None);
    }
    server.open();
    landed.changed().await.unwrap();
    assert_eq!(server.fetches(), 2);
    assert_eq!(fault(&verifier, &new.good_token(), minutes(10)).await, None);
    assert_eq!(
        fault(&verifier, &old.good_token(), minutes(10)).await,
        Some(TokenFault::UnknownKey),
        "a key that is withdrawn is gone"
    );
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn a_stale_set_serves_for_a_day_when_no_other_can_be_had() {
    let ec = Signer::ec("ec-1");
    let token = ec.token(&with("exp", minutes(5 * 24 * 60).timestamp()));
    let server = Server::start(set_of(&[&ec])).await;
    let verifier = server.verifier();
    assert_eq!(fault(&verifier, &token, now()).await, None);

    let day = 24 * 60;
    server.answers(hang_up());
    for (count, at) in [minutes(10), minutes(60), minutes(day - 1)]
        .into_iter()
        .enumerate()
    {
        let mut landed = verifier.ring().landings();
        assert_eq!(fault(&verifier, &token, at).await, None);
        landed.changed().await.unwrap();
        assert_eq!(server.fetches(), 2 + count);
        assert_eq!(
            fault(&verifier, &token, at + TimeDelta::seconds(29)).await,
            None
        );
        assert_eq!(
            server.fetches(),
            2 + count,
            "not again within half a minute"
        );
    }
    assert_eq!(
        fault(&verifier, &token, minutes(day)).await,
        Some(TokenFault::KeysUnavailable)
    );
    server.answers(set_of(&[&ec]));
    assert_eq!(fault(&verifier, &token, minutes(day + 1)).await, None);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for() {
    let (old, new) = (Signer::ec("old"), Signer::ec("new"));
    let server = Server::start(set_of(&[&old])).await;
    let verifier = server.verifier();
    assert_eq!(fault(&verifier, &old.good_token(), now()).await, None);
    server.answers(set_of(&[&old, &new]));
    assert_eq!(
        fault(&verifier, &new.good_token(), seconds(29)).await,
        Some(TokenFault::UnknownKey),
        "the set is not half a minute old"
    );
    assert_eq!(server.fetches(), 1);
    assert_eq!(fault(&verifier, &new.good_token(), seconds(30)).await, None);
    assert_eq!(fault(&verifier, &old.good_token(), seconds(30)).await, None);
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn unknown_keys_are_looked_for_at_a_bounded_rate() {
    const IDS: [&str; 4] = ["w", "x", "y", "z"];
    let known = Signer::ec("known");
    let server = Server::start(set_of(&[&known])).await;
    let verifier = Arc::new(server.verifier());
    assert_eq!(fault(&verifier, &known.good_token(), now()).await, None);

    let strangers = || -> Vec<String> {
        let signers = IDS.map(Signer::ec);
        signers
            .iter()
            .cycle()
            .take(60)
            .map(Signer::good_token)
            .collect()
    };
    for (at, fetches) in [(30, 2), (31, 2), (59, 2), (60, 3), (61, 3)] {
        let faults = at_once(&verifier, strangers(), seconds(at)).await;
        assert_eq!(faults, vec![Some(TokenFault::UnknownKey); 60]);
        assert_eq!(server.fetches(), fetches, "at {at} seconds");
    }
    // Those who are known are served while strangers wait.
    server.close();
    let waiting = tokio::spawn({
        let (verifier, strangers) = (Arc::clone(&verifier), strangers());
        async move { at_once(&verifier, strangers, seconds(90)).await }
    });
    while server.fetches() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        fault(&verifier, &known.good_token(), seconds(90)).await,
        None
    );
    assert!(!waiting.is_finished());
    server.open();
    waiting.await.unwrap();
    assert_eq!(server.fetches(), 4);
}

#[tokio::test]
async fn an_unknown_key_is_unknown_when_the_server_is_down() {
    let (known, stranger) = (Signer::ec("known"), Signer::ec("stranger"));
    let server = Server::start(set_of(&[&known])).await;
    let verifier = server.verifier();
    assert_eq!(fault(&verifier, &known.good_token(), now()).await, None);
    server.answers(hang_up());
    assert_eq!(
        fault(&verifier, &stranger.good_token(), seconds(30)).await,
        Some(TokenFault::UnknownKey)
    );
    assert_eq!(
        fault(&verifier, &known.good_token(), seconds(31)).await,
        None
    );
}

#[tokio::test]
async fn without_any_keys_nothing_can_be_told() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(hang_up()).await;
    let verifier = Arc::new(server.verifier());
    let unavailable = Some(TokenFault::KeysUnavailable);
    let faults = at_once(&verifier, vec![ec.good_token(); 20], now()).await;
    assert_eq!(faults, vec![unavailable; 20]);
    server.answers(set_of(&[&ec]));
    assert_eq!(
        fault(&verifier, &ec.good_token(), seconds(4)).await,
        unavailable
    );
    assert_eq!(server.fetches(), 1);
    assert_eq!(fault(&verifier, &ec.good_token(), seconds(5)).await, None);
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn nobody_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let settings = TokenSettings {
        jwks: Some(JwksSettings {
            url: format!("http://127.0.0.1:{port}/jwks.json"),
        }),
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

#[tokio::test]
async fn a_client_that_goes_away_takes_no_fetch_with_it() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(set_of(&[&ec])).await;
    let verifier = Arc::new(server.verifier());
    server.close();
    let first = tokio::spawn({
        let (verifier, token) = (Arc::clone(&verifier), ec.good_token());
        async move { verifier.verify(&token).await.is_ok() }
    });
    while server.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second = tokio::spawn({
        let (verifier, token) = (Arc::clone(&verifier), ec.good_token());
        async move { verifier.verify(&token).await.is_ok() }
    });
    tokio::task::yield_now().await;
    server.open();
    assert!(second.await.unwrap());
    assert_eq!(server.fetches(), 1);
}

#[test]
fn a_runtime_that_ends_leaves_no_fetch_behind() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let ec = Signer::ec("ec-1");
    let first = runtime();
    let (server, verifier) = first.block_on(async {
        let server = Server::start(set_of(&[&ec])).await;
        let verifier = Arc::new(server.verifier());
        server.close();
        tokio::spawn({
            let (verifier, token) = (Arc::clone(&verifier), ec.good_token());
            async move { verifier.verify(&token).await.is_ok() }
        });
        while server.fetches() == 0 {
            tokio::task::yield_now().await;
        }
        (server, verifier)
    });
    drop(first);
    drop(server);
    // The flag is down again: a fetch is tried, and fails, where a flag left up would hang.
    runtime().block_on(async {
        assert_eq!(
            fault(&verifier, &ec.good_token(), seconds(5)).await,
            Some(TokenFault::KeysUnavailable)
        );
    });
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nothing() {
    let (old, new) = (Signer::ec("old"), Signer::ec("new"));
    let server = Server::start(set_of(&[&old])).await;
    let verifier = server.verifier();
    let year = TimeDelta::days(365);
    let early = |signer: &Signer| {
        let mut claims = with("iat", (now() - year).timestamp());
        claims["exp"] = (now() + year).timestamp().into();
        signer.token(&claims)
    };
    assert_eq!(fault(&verifier, &early(&old), now()).await, None);
    server.answers(set_of(&[&old, &new]));
    assert_eq!(fault(&verifier, &early(&new), now() - year).await, None);
    assert_eq!(fault(&verifier, &early(&old), now() - year).await, None);
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn verifying_can_be_sent_to_another_thread() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let server = Server::start(set_of(&[&Signer::rsa()])).await;
    let verifier = server.verifier();
    assert!(
        sent(verifier.verify(&Signer::rsa().good_token()))
            .await
            .is_ok()
    );
}
