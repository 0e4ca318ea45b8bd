//! A change of the settings starts the server anew, and nobody who connects meanwhile is lost.

use std::time::{Duration, Instant};

use super::http::{Ask, PATIENCE};
use super::serve::{ApiServer, Start};
use super::world::{OLGA, World};

const LISTENS: &str = "listening on http://";
const ORIGIN: &str = "https://app.example.org";

/// A server whose file of variables allows no origin.
async fn of_file(world: &World, flag: &str) -> ApiServer {
    let start = Start::in_world(world)
        .with("--env-file", "api.env")
        .flag(flag);
    start.project.write("api.env", "# nothing yet\n");
    start.serve().await
}

/// Whether pages of the origin may ask.
async fn allows(server: &ApiServer) -> bool {
    let ask = Ask::get("/livez").header("origin", ORIGIN);
    let answer = server.ask(&ask).await.is(200);
    answer.header("access-control-allow-origin").is_some()
}

#[tokio::test]
async fn a_changed_file_restarts_it_at_the_same_port_and_nobody_is_turned_away() {
    let world = World::new().await;
    let mut server = of_file(&world, "--reload").await;
    assert!(!allows(&server).await);
    let pid = server.pid();
    let line = format!("GRACE_API_CORS_ORIGIN={ORIGIN}\n");
    server.project.write("api.env", line);
    // Whoever asks all the while is answered, by the one or the other.
    let begun = Instant::now();
    while !allows(&server).await {
        server.get("/profile", OLGA).await.is(200);
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
    }
    server.until_said(LISTENS, 2).await;
    assert_eq!(server.pid(), pid);
    let log = server.log();
    let addresses: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once(LISTENS)?.1.split(',').next())
        .collect();
    let own = server.address.to_string();
    assert_eq!(addresses, [own.as_str(), own.as_str()]);
    assert!(log.contains("Changed"), "{log}");
    // And once more: what was handed on is handed on again.
    server.project.write("api.env", "GRACE_API_BODY_LIMIT=2\n");
    server.until_said(LISTENS, 3).await;
    assert!(!allows(&server).await);
    server.signal("-TERM");
    assert_eq!(server.code().await, Some(0));
}

#[tokio::test]
async fn a_file_of_variables_that_comes_later_is_seen() {
    let world = World::new().await;
    let mut server = Start::in_world(&world).flag("--reload").serve().await;
    assert!(!allows(&server).await);
    let line = format!("GRACE_API_CORS_ORIGIN={ORIGIN}\n");
    server.project.write(".env", line);
    server.until_said(LISTENS, 2).await;
    assert!(allows(&server).await);
    // And that it is gone again.
    std::fs::remove_file(server.project.path().join(".env")).unwrap();
    server.until_said(LISTENS, 3).await;
    assert!(!allows(&server).await);
}

#[tokio::test]
async fn a_request_in_flight_ends_before_the_restart() {
    let world = World::new().await;
    let mut server = of_file(&world, "--reload").await;
    let holder = world.held().await;
    let address = server.address;
    let ask = Ask::get("/profile").token(&super::world::token_of(OLGA));
    let (first, second) = (ask.clone(), ask);
    let first = tokio::spawn(async move { first.try_at(address).await });
    world.until_waiting(1).await;
    server
        .project
        .write("api.env", "GRACE_API_BODY_LIMIT=2000\n");
    server.until_said("stopping", 1).await;
    // Who comes now waits in the socket's queue.
    let second = tokio::spawn(async move { second.try_at(address).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!first.is_finished() && !second.is_finished());
    holder.batch_execute("rollback").await.unwrap();
    first.await.unwrap().unwrap().is(200);
    second.await.unwrap().unwrap().is(200);
    server.until_said(LISTENS, 2).await;
}

#[tokio::test]
async fn a_broken_file_is_told_of_and_waited_out() {
    let world = World::new().await;
    let mut server = of_file(&world, "--reload").await;
    for broken in ["GRACE_API_POOL_SIZE=many\n", "this is no line\n"] {
        let times = server.log().matches("not restarted").count();
        server.project.write("api.env", broken);
        server.until_said("not restarted", times + 1).await;
        server.get("/profile", OLGA).await.is(200);
    }
    assert!(server.log().contains("--pool-size"), "{}", server.log());
    assert_eq!(server.log().matches(LISTENS).count(), 1);
    server
        .project
        .write("api.env", format!("GRACE_API_CORS_ORIGIN={ORIGIN}\n"));
    server.until_said(LISTENS, 2).await;
    assert!(allows(&server).await);
}

#[tokio::test]
async fn it_is_not_restarted_where_that_is_not_wanted() {
    let world = World::new().await;
    let server = of_file(&world, "--no-reload").await;
    let line = format!("GRACE_API_CORS_ORIGIN={ORIGIN}\n");
    server.project.write("api.env", line);
    // Longer than a restart would be waited for.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!allows(&server).await);
    assert_eq!(server.log().matches(LISTENS).count(), 1);
}
