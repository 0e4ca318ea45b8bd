//! What every answer has in common: limits of rate, CORS, headers, ids, metrics, documentation.

use super::http::Ask;
use super::serve::{ApiServer, Start};
use super::world::{CARL, OLGA, World, token_of};

/// A server with the keys of the tests and these limits of rate, each a second.
async fn limited(world: &World, per_subject: &str, per_address: &str, proxies: &str) -> ApiServer {
    Start::at(&world.users_url())
        .with("--rate-per-subject", per_subject)
        .with("--rate-per-address", per_address)
        .with("--trusted-proxies", proxies)
        .serve()
        .await
}

/// Asks until it is too much, and gives how often it was not: a slow machine may need more.
async fn until_too_many(server: &ApiServer, ask: &Ask) -> usize {
    // All at once: a limit counts by the second.
    let address = server.address;
    let asked: Vec<_> = (0..60)
        .map(|_| {
            let ask = ask.clone();
            tokio::spawn(async move { ask.try_at(address).await.unwrap() })
        })
        .collect();
    let mut passed = 0;
    for one in asked {
        let answer = one.await.unwrap();
        if answer.status == 429 {
            assert_eq!(answer.problem(), "too-many-requests");
            let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=2).contains(&after), "{after}");
        } else {
            answer.is(200);
            passed += 1;
        }
    }
    assert!(passed < 60, "no limit");
    passed
}

#[tokio::test]
async fn a_user_who_asks_too_often_is_told_when_to_come_again_and_others_are_served() {
    let world = World::new().await;
    let server = limited(&world, "1", "0", "0").await;
    let olga = Ask::get("/profile").token(&token_of(OLGA));
    assert!(until_too_many(&server, &olga).await >= 1);
    server.get("/profile", CARL).await.is(200);
    // Another token is the same user.
    let other = super::world::token(&super::world::claims(OLGA));
    until_too_many(&server, &Ask::get("/activities").token(&other)).await;
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_again() {
    let world = World::new().await;
    let server = limited(&world, "0", "1", "0").await;
    // Without a proxy nobody is believed who says where they come from.
    let ask = Ask::get("/openapi.json");
    until_too_many(&server, &ask).await;
    let mut refused = 0;
    for last in 1..=30 {
        let ask = ask
            .clone()
            .header("x-forwarded-for", &format!("192.0.2.{last}"));
        refused += usize::from(server.ask(&ask).await.status == 429);
    }
    assert!(refused > 0, "whoever writes a header has no limit");
    // Whoever runs the server asks as often as they like.
    for _ in 0..30 {
        server.ask(&Ask::get("/livez")).await.is(200);
    }
}

#[tokio::test]
async fn behind_a_proxy_the_address_is_what_the_proxy_saw() {
    let world = World::new().await;
    let server = limited(&world, "0", "1", "1").await;
    // What the client writes stands on the left, and counts for nothing.
    let mut refused = 0;
    for forged in 1..=60 {
        let forwarded = format!("192.0.2.{forged}, 203.0.113.7");
        let ask = Ask::get("/openapi.json").header("x-forwarded-for", &forwarded);
        refused += usize::from(server.ask(&ask).await.status == 429);
    }
    assert!(refused > 0, "the left was believed");
    // Others behind the same proxy are others, though they write what they like.
    for client in 10..30 {
        let forwarded = format!("203.0.113.7, 203.0.113.{client}");
        let ask = Ask::get("/openapi.json").header("x-forwarded-for", &forwarded);
        server.ask(&ask).await.is(200);
    }
    // Of two headers the last is the proxy's.
    for client in 30..50 {
        let ask = Ask::get("/openapi.json")
            .header("x-forwarded-for", "203.0.113.7")
            .header("x-forwarded-for", &format!("203.0.113.{client}"));
        server.ask(&ask).await.is(200);
    }
}

#[tokio::test]
async fn pages_of_allowed_origins_may_ask_and_others_may_not() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with(
            "--cors-origin",
            "https://app.example.org,http://localhost:3000/",
        )
        .serve()
        .await;
    for origin in ["https://app.example.org", "http://localhost:3000"] {
        let preflight = Ask::new("OPTIONS", "/profile")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization,if-match");
        let answer = server.ask(&preflight).await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        let allowed = |name: &str| answer.header(name).unwrap().to_ascii_lowercase();
        assert!(allowed("access-control-allow-methods").contains("patch"));
        let headers = allowed("access-control-allow-headers");
        assert!(headers.contains("authorization") && headers.contains("if-match"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let asked = Ask::get("/profile").header("origin", origin);
        let answer = server.ask(&asked.token(&token_of(OLGA))).await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.to_ascii_lowercase().contains("etag"), "{exposed}");
        // A page is told why it was refused.
        let refused = server
            .ask(&Ask::get("/profile").header("origin", origin))
            .await
            .is(401);
        assert_eq!(refused.header("access-control-allow-origin"), Some(origin));
    }
    for origin in [
        "https://evil.example",
        "https://app.example.org.evil.example",
        "http://app.example.org",
        "https://APP.example.org:8443",
        "null",
    ] {
        let asked = Ask::get("/profile").header("origin", origin);
        let answer = server.ask(&asked.token(&token_of(OLGA))).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        let preflight = Ask::new("OPTIONS", "/profile")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH");
        let answer = server.ask(&preflight).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
    // Nobody is allowed where nothing is said.
    let closed = ApiServer::start(&world).await;
    let asked = Ask::get("/livez").header("origin", "https://app.example.org");
    let answer = closed.ask(&asked).await.is(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn every_answer_has_the_headers_of_safety_and_an_id() {
    let world = World::new().await;
    let mut server = ApiServer::start(&world).await;
    let long = format!("/{}", "a".repeat(5_000));
    for (ask, status, problem) in [
        (Ask::get("/profile").token(&token_of(OLGA)), 200, None),
        (Ask::get("/profile"), 401, Some("no-token")),
        (Ask::get("/nothing/here"), 404, Some("not-found")),
        (Ask::get("/profile/"), 404, Some("not-found")),
        (Ask::get("//profile"), 404, Some("not-found")),
        (Ask::get(&long), 404, Some("not-found")),
        (Ask::get("/docs/../../Cargo.toml"), 404, None),
        (
            Ask::new("DELETE", "/profile"),
            405,
            Some("method-not-allowed"),
        ),
        (Ask::new("POST", "/readyz"), 405, Some("method-not-allowed")),
        (
            Ask::new("TRACE", "/profile"),
            405,
            Some("method-not-allowed"),
        ),
        (Ask::get("/livez"), 200, None),
        (Ask::get("/openapi.json"), 200, None),
        (Ask::get("/docs/"), 200, None),
    ] {
        let what = format!("{ask:?}");
        let answer = server.ask(&ask).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        if let Some(problem) = problem {
            assert_eq!(answer.problem(), problem, "{what}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{what}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let id = answer.header("x-request-id").expect("an id");
        assert_eq!(id.len(), 36, "{id}");
        server.until_said(id, 1).await;
        assert_eq!(answer.header("server"), None);
    }
    // Whoever has an id of their own gets it back, and finds it in the log.
    let asked = Ask::get("/livez").header("x-request-id", "trace-4711");
    let answer = server.ask(&asked).await;
    assert_eq!(answer.header("x-request-id"), Some("trace-4711"));
    server.until_said("trace-4711", 1).await;
    let allow = server.ask(&Ask::new("DELETE", "/profile")).await;
    let allow = allow.header("allow").expect("the methods that there are");
    assert!(allow.contains("GET") && allow.contains("PATCH"), "{allow}");
}

#[tokio::test]
async fn an_id_that_is_no_id_does_no_harm_to_the_log() {
    let world = World::new().await;
    let server = Start::in_world(&world)
        .with("--log-format", "json")
        .serve()
        .await;
    let own = |length| {
        "aZ09._-x"
            .repeat(17)
            .chars()
            .take(length)
            .collect::<String>()
    };
    for id in ["a", &own(36), &own(128)] {
        let asked = Ask::get("/livez").header("x-request-id", id);
        assert_eq!(server.ask(&asked).await.header("x-request-id"), Some(id));
    }
    let huge = "x".repeat(4_000);
    for id in [
        "\u{1b}[31mred",
        "{\"a\":\"b\"}",
        "a b\tc",
        "",
        "gr\u{fc}n",
        "a/b",
        &own(129),
        huge.as_str(),
    ] {
        let answer = server
            .ask(&Ask::get("/livez").header("x-request-id", id))
            .await;
        assert!([200, 400].contains(&answer.status), "{}", answer.status);
        if answer.status == 200 {
            let made = answer.header("x-request-id").expect("an id");
            assert_eq!(made.len(), 36, "{made}");
        }
    }
    let two = Ask::get("/livez")
        .header("x-request-id", "one")
        .header("x-request-id", "two");
    let two = server.ask(&two).await.is(200);
    assert_eq!(two.header("x-request-id").map(str::len), Some(36));
    assert!(!server.log().contains("xxxxxxxxx"));
    // A head has an end.
    let endless = Ask::get("/livez").header("x-much", &"x".repeat(100_000));
    if let Ok(answer) = endless.try_at(server.address).await {
        assert_eq!(answer.status, 431);
    }
    server.get("/profile", OLGA).await.is(200);
    for line in server.log().lines().filter(|line| line.starts_with('{')) {
        let read: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(read.is_ok(), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
    let said = server.log();
    let line = said
        .lines()
        .rfind(|line| line.contains("answered"))
        .expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["status"], 200, "{line}");
    assert!(!line.to_string().contains(OLGA), "{line}");
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_what_somebody_sent() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    server.get(&format!("/profiles/{OLGA}"), CARL).await.is(200);
    server
        .get(&format!("/profiles/{CARL}?x=y"), OLGA)
        .await
        .is(404);
    server.ask(&Ask::get("/nothing/secret-path")).await.is(404);
    server.ask(&Ask::new("BREW", "/profile")).await.is(405);
    let metrics = server.ask(&Ask::get("/metrics")).await.is(200);
    let kind = metrics.header("content-type").unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = metrics.text();
    for line in [
        r#"grace_api_requests_total{method="GET",route="/profiles/{id}",status="200"} 1"#,
        r#"grace_api_requests_total{method="GET",route="/profiles/{id}",status="404"} 1"#,
        r#"grace_api_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"method="OTHER""#,
        r#"grace_api_pool_open{pool="users"} "#,
        "grace_api_requests_in_flight 1\n",
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    for sent in [OLGA, CARL, "secret-path", "BREW", "x=y"] {
        assert!(!text.contains(sent), "{sent} in\n{text}");
        assert!(!server.log().contains(sent), "{sent} in\n{}", server.log());
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_documentation_needs_no_other_host() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let document = server.ask(&Ask::get("/openapi.json")).await.is(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let page = server.ask(&Ask::get("/docs/")).await.is(200);
    let html = page.text();
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        !html.contains("http://") && !html.contains("https://"),
        "{html}"
    );
    // All that the page asks for is here.
    let mut found = 0;
    for part in html
        .split(['"', '\''])
        .filter(|part| part.starts_with("./"))
    {
        server
            .ask(&Ask::get(&format!("/docs/{}", &part[2..])))
            .await
            .is(200);
        found += 1;
    }
    assert!(found > 3, "{html}");
    let start = server
        .ask(&Ask::get("/docs/swagger-initializer.js"))
        .await
        .is(200);
    assert!(start.text().contains("/openapi.json"), "{}", start.text());
    assert!(!start.text().contains("http"), "{}", start.text());
    // Else it would have the document validated at swagger.io.
    let validator = r#""validatorUrl": "none""#;
    assert!(start.text().contains(validator), "{}", start.text());
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let get = server.get("/profile", OLGA).await.is(200);
    let head = Ask::new("HEAD", "/profile").token(&token_of(OLGA));
    let head = server.ask(&head).await.is(200);
    assert_eq!(head.body, b"");
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(server.ask(&Ask::new("HEAD", "/profile")).await.status, 401);
}
