//! A profile is changed: what is accepted, what is refused and how, and that no change is lost.

use super::http::Ask;
use super::serve::{ApiServer, Start};
use super::world::{NOBODY, NORA, OLGA, World, token_of};

#[tokio::test]
async fn a_change_is_made_once_and_is_not_lost() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let token = token_of(OLGA);
    let first = server.get("/profile", OLGA).await.is(200);
    let change = |body: &str| Ask::change(body).token(&token);

    // Without If-Match any state will do.
    let body = r#"{"full_name":"Olga A.","phone":null,"birth_date":"1941-05-06","locale":"pt-BR",
        "time_zone":"Europe/Lisbon","preferences":{"size":"large"}}"#;
    let second = server.ask(&change(body)).await.is(200);
    let profile = second.json();
    assert_eq!(profile["full_name"], "Olga A.");
    assert_eq!(profile["phone"], serde_json::Value::Null);
    assert_eq!(profile["birth_date"], "1941-05-06");
    assert_eq!(profile["preferences"]["size"], "large");
    assert_ne!(first.etag(), second.etag());
    // It is committed, and what was not named stays.
    let read = server.get("/profile", OLGA).await.is(200);
    assert_eq!(read.body, second.body);
    assert_eq!(read.etag(), second.etag());
    assert_eq!(profile["email"], "olga@example.org");

    // The state that was read first is gone.
    let stale = change(r#"{"full_name":"lost"}"#).header("if-match", &first.etag());
    assert_eq!(server.ask(&stale).await.is(412).problem(), "changed");
    // An ETag of somebody else's making is that of another state; what is none is none of any.
    for (other, status) in [
        ("\"x\"", 412),
        ("W/\"1\"", 412),
        ("\"'||true--\"", 412),
        ("\"1\", \"2\"", 422),
        ("\"' or true --\"", 422),
        ("1 or true", 422),
        ("", 422),
    ] {
        let stale = change(r#"{"full_name":"lost"}"#).header("if-match", other);
        let answer = server.ask(&stale).await;
        assert_eq!(answer.status, status, "{other}: {}", answer.text());
        answer.problem();
    }
    let good = change(r#"{"full_name":"Olga B."}"#).header("if-match", &second.etag());
    let third = server.ask(&good).await.is(200);
    assert_eq!(server.ask(&good).await.is(412).problem(), "changed");
    let any = change(r#"{"phone":"+351 21 000"}"#).header("if-match", "*");
    let fourth = server.ask(&any).await.is(200);
    assert_ne!(third.etag(), fourth.etag());
    assert_eq!(fourth.json()["full_name"], "Olga B.");
    // Nobody else's was touched.
    let count = "select count(*) from public.profiles where full_name like 'Olga%'";
    assert_eq!(world.db.query(count).await, "1");
}

#[tokio::test]
async fn of_two_changes_at_once_that_name_a_state_one_is_made() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let etag = server.get("/profile", OLGA).await.etag();
    let ask = |name: &str| {
        Ask::change(&format!(r#"{{"full_name":"{name}"}}"#))
            .token(&token_of(OLGA))
            .header("if-match", &etag)
    };
    let holder = world.held().await;
    let (one, other) = (ask("one"), ask("other"));
    let both = async { tokio::join!(server.ask(&one), server.ask(&other)) };
    let release = async {
        world.until_waiting(2).await;
        holder.batch_execute("rollback").await.unwrap();
    };
    let ((one, other), ()) = tokio::join!(both, release);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn nobody_has_no_profile_to_change() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    for ask in [
        Ask::change(r#"{"full_name":"X"}"#),
        Ask::change("{}"),
        Ask::change("{}").header("if-match", "\"1\""),
    ] {
        let answer = server.ask(&ask.token(&token_of(NOBODY))).await;
        assert_eq!(answer.is(404).problem(), "not-found");
    }
    // Who has one, and changes nothing, may.
    let ask = Ask::change("{}").token(&token_of(NORA));
    server.ask(&ask).await.is(200);
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_in_words_and_change_nothing() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with("--body-limit", "2000")
        .serve()
        .await;
    let before = server.get("/profile", OLGA).await;
    for (body, field) in [
        (r#"{"full_name":"  "}"#, "full_name"),
        (r#"{"phone":"call me"}"#, "phone"),
        (r#"{"birth_date":"1700-01-01"}"#, "birth_date"),
        (r#"{"birth_date":"yesterday"}"#, "birth_date"),
        (r#"{"birth_date":"2023-02-29"}"#, "birth_date"),
        (r#"{"locale":""}"#, "locale"),
        (r#"{"locale":null}"#, "locale"),
        (r#"{"time_zone":null}"#, "time_zone"),
        (r#"{"time_zone":"a b"}"#, "time_zone"),
        (r#"{"preferences":null}"#, "preferences"),
        (r#"{"preferences":[]}"#, "preferences"),
        (r#"{"full_name":7}"#, "full_name"),
        (r#"{"full_name":"a\u0000b"}"#, ""),
        (r#"{"preferences":{"a":"\u0000"}}"#, ""),
        // Not the caller's to change, or not there at all.
        (r#"{"email":"x@example.org"}"#, "email"),
        (r#"{"id":"00000000-0000-4000-8000-000000000002"}"#, "id"),
        (r#"{"full_nam":"X"}"#, "full_nam"),
        (r#"{"full_name":"A","full_name":"B"}"#, "full_name"),
        ("[]", ""),
        ("null", ""),
        ("7", ""),
    ] {
        let answer = server.ask(&Ask::change(body).token(&token_of(OLGA))).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert_eq!(answer.problem(), "invalid");
        let told = answer.json();
        assert_eq!(told["field"].as_str().unwrap_or_default(), field, "{body}");
        let detail = told["detail"].as_str().expect("words");
        assert!(field.is_empty() || detail.matches(field).count() == 1 || detail.contains("but"));
        assert!(!detail.contains("at line"), "{detail}");
    }
    let asked = |ask: Ask| ask.token(&token_of(OLGA));
    let patch = || Ask::new("PATCH", "/profile");
    for (ask, status, code) in [
        (patch().json("{"), 400, "malformed"),
        (patch().json(""), 400, "malformed"),
        (patch().json(r#"{"full_name":"\ud800"}"#), 400, "malformed"),
        (
            patch()
                .header("content-type", "application/json")
                .body([0xff, 0xfe]),
            400,
            "malformed",
        ),
        (patch().body("{}"), 415, "not-json"),
        (
            patch().header("content-type", "text/plain").body("{}"),
            415,
            "not-json",
        ),
        (
            patch().json(&format!(r#"{{"full_name":"{}"}}"#, "x".repeat(3_000))),
            413,
            "too-large",
        ),
    ] {
        let answer = server.ask(&asked(ask.clone())).await;
        assert_eq!(answer.status, status, "{ask:?}: {}", answer.text());
        assert_eq!(answer.problem(), code);
    }
    let after = server.get("/profile", OLGA).await;
    assert_eq!((after.etag(), after.body), (before.etag(), before.body));
    let log = server.log();
    assert!(!log.contains("failed"), "{log}");
    assert!(
        !log.contains("call me") && !log.contains("x@example.org"),
        "{log}"
    );
}
