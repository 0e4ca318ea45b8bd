//! When the published keys are fetched. The server counts, and time is handed in.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;

use super::server::{Server, hang_up, set_of};
use super::signer::{Signer, fault, minutes, now, seconds, with};
use crate::api::token::{TokenFault, Verifier};

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
async fn a_fetch_that_takes_long_is_not_begun_twice() {
    let ec = Signer::ec("ec-1");
    let server = Server::start(set_of(&[&ec])).await;
    let verifier = Arc::new(server.verifier());
    server.close();
    let mut tasks = JoinSet::new();
    // A token at a time at which another fetch would be due.
    for at in [0, 5, 30, 600] {
        let (verifier, token) = (Arc::clone(&verifier), ec.good_token());
        tasks.spawn(async move { fault(&verifier, &token, seconds(at)).await });
    }
    while server.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    server.open();
    assert_eq!(tasks.join_all().await, vec![None; 4]);
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
