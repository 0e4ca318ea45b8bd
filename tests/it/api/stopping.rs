//! The server stops: who was being served is served, nobody else is, and nothing is left behind.

use tokio::time::{Duration, sleep, timeout};

use super::http::{Ask, PATIENCE};
use super::serve::{ApiServer, Start};
use super::world::{OLGA, World, token_of};

/// A server whose requests may wait for as long as the test does.
async fn patient(world: &World, drain: &str) -> ApiServer {
    let start = Start::in_world(world)
        .with("--pool-wait", "60s")
        .with("--request-timeout", "60s")
        .with("--statement-timeout", "60s")
        .with("--drain-timeout", drain);
    start.serve().await
}

/// Waits until nobody is served who comes now.
async fn until_closed(server: &ApiServer) {
    for _ in 0..500 {
        let late = Ask::get("/readyz");
        match timeout(Duration::from_secs(2), late.try_at(server.address)).await {
            Ok(Err(_refused)) => return,
            // It was accepted before the signal was heard.
            Ok(Ok(_)) => {}
            Err(_) => panic!("a connection is accepted, and not served"),
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("it serves still");
}

#[tokio::test]
async fn fifty_requests_in_flight_are_answered_after_sigterm() {
    let world = World::new().await;
    let mut server = patient(&world, "60s").await;
    let holder = world.held().await;
    let address = server.address;
    let ask = Ask::get("/profile").token(&token_of(OLGA));
    let fifty: Vec<_> = (0..50)
        .map(|_| {
            let ask = ask.clone();
            tokio::spawn(async move { ask.try_at(address).await })
        })
        .collect();
    server.until_in_flight(50).await;
    world.until_waiting(10).await;
    server.signal("-TERM");
    server.until_said("stopping", 1).await;
    until_closed(&server).await;
    assert!(fifty.iter().all(|one| !one.is_finished()));
    holder.batch_execute("rollback").await.unwrap();
    for one in fifty {
        let answer = one.await.unwrap().expect("an answer");
        assert_eq!(answer.is(200).json()["id"], OLGA);
    }
    assert_eq!(server.code().await, Some(0), "{}", server.log());
    world
        .until("select (count(*) = 0)::int from pg_stat_activity where application_name like 'grace-api%' and datname = current_database()")
        .await;
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let world = World::new().await;
        let mut server = patient(&world, "60s").await;
        let holder = world.held().await;
        let ask = Ask::get("/profile").token(&token_of(OLGA));
        let _held = ask.sent_to(server.address).await.unwrap();
        world.until_waiting(1).await;
        server.signal(signal);
        server.until_said("stopping", 1).await;
        server.signal(signal);
        assert_eq!(server.code().await, Some(code), "{}", server.log());
        holder.batch_execute("rollback").await.unwrap();
        world.until_nothing_is_left().await;
    }
}

#[tokio::test]
async fn sigint_is_an_interruption_and_sigterm_is_not() {
    for (signal, code) in [("-TERM", 0), ("-INT", 130)] {
        let world = World::new().await;
        let mut server = ApiServer::start(&world).await;
        server.get("/profile", OLGA).await.is(200);
        server.signal(signal);
        assert_eq!(server.code().await, Some(code), "{}", server.log());
    }
}

#[tokio::test]
async fn what_takes_longer_than_the_drain_is_cut_off_and_leaves_nothing() {
    let world = World::new().await;
    let mut server = patient(&world, "300ms").await;
    let holder = world.held().await;
    let address = server.address;
    let ask = Ask::change(r#"{"full_name":"lost"}"#).token(&token_of(OLGA));
    let cut: Vec<_> = (0..20)
        .map(|_| {
            let ask = ask.clone();
            tokio::spawn(async move { ask.try_at(address).await })
        })
        .collect();
    server.until_in_flight(20).await;
    world.until_waiting(10).await;
    server.signal("-TERM");
    assert_eq!(server.code().await, Some(0), "{}", server.log());
    assert!(server.log().contains("cut off"), "{}", server.log());
    // While the lock is held still: the statements were cancelled, not only forgotten.
    world
        .until("select (count(*) = 0)::int from pg_stat_activity where application_name like 'grace-api%' and datname = current_database()")
        .await;
    for one in cut {
        let answer = timeout(PATIENCE, one).await.unwrap().unwrap();
        assert!(answer.is_err() || answer.unwrap().status == 503);
    }
    holder.batch_execute("rollback").await.unwrap();
    let names = "select count(*) from public.profiles where full_name = 'lost'";
    assert_eq!(world.db.query(names).await, "0");
}
