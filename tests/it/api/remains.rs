//! Requests that do not come to their end: what they run is cancelled, and the next one is served.

use tokio::time::{Duration, sleep};

use super::http::Ask;
use super::serve::Start;
use super::world::{CARL, OLGA, World, token_of};
use crate::support::{Fault, Message, Proxy, server};

#[tokio::test]
async fn who_goes_away_mid_query_takes_the_query_along() {
    let world = World::new().await;
    let mut server = Start::in_world(&world)
        .with("--pool-size", "1")
        .with("--statement-timeout", "60s")
        .with("--request-timeout", "60s")
        .serve()
        .await;
    for ask in [
        Ask::get("/profile"),
        Ask::change(r#"{"full_name":"gone"}"#),
        Ask::get("/profiles"),
    ] {
        let holder = world.held().await;
        let client = ask
            .token(&token_of(OLGA))
            .sent_to(server.address)
            .await
            .unwrap();
        world.until_waiting(1).await;
        drop(client);
        // The lock is held still, and nothing waits for it any more.
        world.until_nothing_is_left().await;
        // The one session serves what needs no profile, at once.
        let served = server.get("/activities", CARL).await.is(200);
        assert_eq!(served.json()["items"].as_array().unwrap().len(), 2);
        holder.batch_execute("rollback").await.unwrap();
        assert_eq!(
            server.get("/profile", CARL).await.is(200).json()["id"],
            CARL
        );
        assert_eq!(world.sessions().await, "1");
    }
    let names = "select count(*) from public.profiles where full_name = 'gone'";
    assert_eq!(world.db.query(names).await, "0");
    // Each is in the log, and is counted.
    server.until_said("gone status=499", 3).await;
    let metrics = server.ask(&Ask::get("/metrics")).await.text();
    for line in [
        r#"grace_api_requests_total{method="GET",route="/profile",status="499"} 1"#,
        r#"grace_api_requests_total{method="PATCH",route="/profile",status="499"} 1"#,
        r#"grace_api_requests_total{method="GET",route="/profiles",status="499"} 1"#,
    ] {
        assert!(metrics.contains(line), "no {line} in\n{metrics}");
    }
}

#[tokio::test]
async fn who_goes_away_while_waiting_for_a_session_takes_no_place() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with("--pool-size", "1")
        .with("--pool-wait", "60s")
        .with("--statement-timeout", "60s")
        .with("--request-timeout", "60s")
        .serve()
        .await;
    let holder = world.held().await;
    let ask = Ask::get("/profile").token(&token_of(OLGA));
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(ask.sent_to(server.address).await.unwrap());
    }
    server.until_in_flight(10).await;
    drop(clients);
    server.until_in_flight(0).await;
    world.until_nothing_is_left().await;
    holder.batch_execute("rollback").await.unwrap();
    server.get("/profile", OLGA).await.is(200);
}

#[tokio::test]
async fn a_request_and_a_statement_that_take_too_long_are_stopped() {
    for (flag, request) in [
        // A statement may not take longer than the request.
        ("--request-timeout", "300ms"),
        ("--statement-timeout", "60s"),
    ] {
        let world = World::new().await;
        let start = Start::in_world(&world)
            .with("--pool-size", "1")
            .with("--request-timeout", request);
        let start = match flag {
            "--statement-timeout" => start.with(flag, "300ms"),
            _ => start,
        };
        let server = start.serve().await;
        let holder = world.held().await;
        for ask in [Ask::get("/profile"), Ask::change(r#"{"full_name":"late"}"#)] {
            let answer = server.ask(&ask.token(&token_of(OLGA))).await;
            assert_eq!(answer.is(503).problem(), "timed-out", "{flag}");
            world.until_nothing_is_left().await;
        }
        server.get("/activities", OLGA).await.is(200);
        holder.batch_execute("rollback").await.unwrap();
        server.get("/profile", OLGA).await.is(200);
        let names = "select count(*) from public.profiles where full_name = 'late'";
        assert_eq!(world.db.query(names).await, "0");
    }
}

#[tokio::test]
async fn who_finds_no_session_is_told_to_come_again() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with("--pool-size", "1")
        .with("--pool-wait", "200ms")
        .with("--statement-timeout", "60s")
        .with("--request-timeout", "60s")
        .serve()
        .await;
    let holder = world.held().await;
    let first = Ask::get("/profile").token(&token_of(OLGA));
    let address = server.address;
    let first = tokio::spawn(async move { first.try_at(address).await });
    world.until_waiting(1).await;
    let second = server.get("/profile", CARL).await.is(503);
    assert_eq!(second.problem(), "busy");
    assert_eq!(second.header("retry-after"), Some("1"));
    holder.batch_execute("rollback").await.unwrap();
    first.await.unwrap().unwrap().is(200);
}

#[tokio::test]
async fn nothing_of_one_request_is_there_for_the_next() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with("--pool-size", "1")
        .serve()
        .await;
    // One session, two people in turn and at once.
    for _ in 0..10 {
        let (olga, carl) = tokio::join!(server.get("/profile", OLGA), server.get("/profile", CARL));
        assert_eq!(olga.is(200).json()["id"], OLGA);
        assert_eq!(carl.is(200).json()["id"], CARL);
    }
    // What is committed is seen by whoever asks next, on whichever session.
    let change = Ask::change(r#"{"full_name":"Olga C."}"#).token(&token_of(OLGA));
    server.ask(&change).await.is(200);
    let seen = server.get(&format!("/profiles/{OLGA}"), CARL).await.is(200);
    assert_eq!(seen.json()["full_name"], "Olga C.");
    sleep(Duration::from_millis(50)).await;
    let state = "select state from pg_stat_activity where application_name = 'grace-api' \
                 and datname = current_database()";
    assert_eq!(world.db.query(state).await, "idle");
}

/// Whether a message is the COMMIT of a change.
fn at_commit() -> impl FnMut(&Message<'_>) -> bool + Send + 'static {
    let mut writes = false;
    move |message| {
        if message.text.starts_with("begin") {
            writes = message.text.contains("read write");
        }
        writes && message.text.starts_with("commit")
    }
}

#[tokio::test]
async fn a_link_that_is_lost_at_commit_is_not_said_to_have_changed_nothing() {
    let world = World::new().await;
    let proxy = Proxy::before(server().address().socket_dir());
    let url = proxy.url(world.users_login(), world.db.name());
    let api = Start::at(&url).serve().await;
    for (fault, locale) in [(Fault::CutAfter, "pt"), (Fault::CutBefore, "fr")] {
        proxy.strike(fault, at_commit());
        let body = format!(r#"{{"locale": "{locale}"}}"#);
        let ask = Ask::change(&body).token(&token_of(OLGA));
        let answer = api.ask(&ask).await.is(503);
        assert!(proxy.has_struck());
        assert_eq!(answer.problem(), "outcome-unknown");
        assert_eq!(answer.header("retry-after"), None);
        // The first was done, and the second was not.
        let profile = api.get("/profile", OLGA).await.is(200);
        assert_eq!(profile.json()["locale"], "pt", "{fault:?}");
    }
}
