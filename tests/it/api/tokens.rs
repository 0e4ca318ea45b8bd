//! Tokens that are not to be believed, and claims that are to be nothing but data.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::http::Ask;
use super::serve::{ApiServer, Start};
use super::world::{
    NOBODY, OLGA, SECRET, SERVICE_KEY, World, claims, claims_but, encode, hs256, now, rsa, signed,
    token, token_of,
};

const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const RSA: &str = include_str!("keys/rsa_test.pem");
const OTHER_RSA: &str = include_str!("keys/rsa_other_test.pem");
const PUBLIC: &str = include_str!("keys/rsa_test.public.pem");

/// A server of keys, for as long as the tests run; its address.
fn publish(keys: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = keys.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _request = stream.read(&mut [0; 4096]);
            let _gone = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn no_forged_token_is_believed_and_none_of_it_is_logged() {
    let world = World::new().await;
    let jwk = Jwk::from_encoding_key(&rsa(RSA), Algorithm::RS256).unwrap();
    let mut jwk = serde_json::to_value(jwk).unwrap();
    for (name, value) in [("kid", "rsa-1"), ("alg", "RS256"), ("use", "sig")] {
        jwk[name] = value.into();
    }
    let project = publish(&json!({"keys": [jwk]}));
    let issuer = format!("{project}/auth/v1");
    let server = Start::in_world(&world)
        .variable("SUPABASE_URL", &project)
        .serve()
        .await;
    let good = claims_but(
        OLGA,
        &json!({"iss": issuer, "email": "secret-claim@example.org"}),
    );
    let but = |members: Value| {
        let mut claims = good.clone();
        for (name, value) in members.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        token(&claims)
    };
    let text = good.to_string();
    let own = |header: &str| hs256(SECRET.as_bytes(), header, &text);
    let rs256 = r#"{"alg":"RS256","kid":"rsa-1"}"#;
    let none = |alg: &str| {
        format!(
            "{}.{}.",
            encode(format!(r#"{{"alg":"{alg}"}}"#)),
            encode(&text)
        )
    };

    // What is good is taken.
    let published = signed(&rsa(RSA), Algorithm::RS256, rs256, &text);
    for token in [own(HS256), published.clone()] {
        let answer = server
            .ask(&Ask::get("/profile").token(&token))
            .await
            .is(200);
        assert_eq!(answer.json()["id"], OLGA);
    }
    let unsigned = own(HS256);
    let (unsigned, _) = unsigned.rsplit_once('.').unwrap();
    let twice = |pair: &str| {
        let text = format!("{},{pair}}}", text.strip_suffix('}').unwrap());
        hs256(SECRET.as_bytes(), HS256, &text)
    };
    let forged = [
        ("none", none("none")),
        ("None", none("None")),
        ("no signature", format!("{unsigned}.")),
        ("two parts", unsigned.to_owned()),
        ("another secret", hs256(&[7; 40], HS256, &text)),
        (
            "the public key as the secret",
            hs256(PUBLIC.as_bytes(), HS256, &text),
        ),
        (
            "the public key as the secret, by its name",
            hs256(PUBLIC.as_bytes(), r#"{"alg":"HS256","kid":"rsa-1"}"#, &text),
        ),
        ("the secret by the key's name", own(rs256)),
        (
            "another key",
            signed(&rsa(OTHER_RSA), Algorithm::RS256, rs256, &text),
        ),
        (
            "an unknown key",
            signed(
                &rsa(RSA),
                Algorithm::RS256,
                r#"{"alg":"RS256","kid":"x"}"#,
                &text,
            ),
        ),
        ("another algorithm", own(r#"{"alg":"HS512"}"#)),
        ("no algorithm", own(r#"{"typ":"JWT"}"#)),
        ("two algorithms", own(r#"{"alg":"none","alg":"HS256"}"#)),
        (
            "an extension",
            own(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#),
        ),
        ("expired", but(json!({"exp": now() - 60}))),
        ("never expires", but(json!({"exp": null}))),
        ("expires in words", but(json!({"exp": "tomorrow"}))),
        ("not yet", but(json!({"nbf": now() + 3600}))),
        ("made in the future", but(json!({"iat": now() + 3600}))),
        ("audience", but(json!({"aud": "anon"}))),
        ("no audience", but(json!({"aud": null}))),
        (
            "issuer",
            but(json!({"iss": "https://evil.example/auth/v1"})),
        ),
        ("no issuer", but(json!({"iss": null}))),
        ("no subject", but(json!({"sub": null}))),
        ("no UUID", but(json!({"sub": "olga"}))),
        (
            "another spelling",
            but(json!({"sub": OLGA.replace('-', "")})),
        ),
        ("anon", but(json!({"role": "anon"}))),
        ("service_role", but(json!({"role": "service_role"}))),
        ("postgres", but(json!({"role": "postgres"}))),
        ("no role", but(json!({"role": null}))),
        ("two subjects", twice(&format!(r#""sub":"{NOBODY}""#))),
        ("two roles", twice(r#""role":"authenticated""#)),
        ("two deep inside", twice(r#""app_metadata":{"a":1,"a":2}"#)),
        ("oversized", but(json!({"blob": "x".repeat(8_000)}))),
        ("the service key", SERVICE_KEY.to_owned()),
        ("no JSON", hs256(SECRET.as_bytes(), HS256, "olga")),
        ("a list", hs256(SECRET.as_bytes(), HS256, "[]")),
        ("words", "let.me.in".to_owned()),
        ("a letter", "x".to_owned()),
    ];
    for (what, token) in &forged {
        let answer = server.ask(&Ask::get("/profile").token(token)).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert_eq!(answer.problem(), "bad-token", "{what}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert_eq!(challenge, r#"Bearer realm="grace", error="invalid_token""#);
        assert!(!answer.text().contains(OLGA), "{what}");
    }
    // A request whose credentials are not one token.
    let bearer = format!("Bearer {published}");
    let get = || Ask::get("/profile");
    for (what, ask) in [
        ("none", get()),
        ("empty", get().header("authorization", "")),
        ("no token", get().header("authorization", "Bearer")),
        ("basic", get().header("authorization", "Basic b2xnYTpvbGdh")),
        (
            "another scheme",
            get().header("authorization", &format!("Token {published}")),
        ),
        ("bare", get().header("authorization", &published)),
        (
            "two",
            get()
                .header("authorization", &bearer)
                .header("authorization", &bearer),
        ),
        (
            "elsewhere",
            Ask::get(&format!("/profile?access_token={published}")),
        ),
        (
            "a cookie",
            get().header("cookie", &format!("token={published}")),
        ),
    ] {
        let answer = server.ask(&ask).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert_eq!(answer.problem(), "no-token", "{what}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer realm="grace""#), "{what}");
    }
    let log = server.log();
    for secret in [
        SECRET,
        SERVICE_KEY,
        OLGA,
        "secret-claim",
        "access_token",
        "eyJ",
        "olga",
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
    for (what, token) in forged.iter().filter(|(_, token)| token.len() > 10) {
        assert!(!log.contains(token.as_str()), "{what} in\n{log}");
    }
}

#[tokio::test]
async fn a_service_key_is_compared_whole() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let ask = || Ask::get("/admin/all-profiles");
    server.ask(&ask().token(SERVICE_KEY)).await.is(200);
    let (shorter, _) = SERVICE_KEY.split_at(SERVICE_KEY.len() - 1);
    let longer = format!("{SERVICE_KEY}x");
    let upper = SERVICE_KEY.to_uppercase();
    let token = token_of(OLGA);
    let role = token_with(&json!({"role": "service_role"}));
    for other in [shorter, &longer, &upper, &token, &role, "' or true --"] {
        let answer = server.ask(&ask().token(other)).await;
        assert_eq!(answer.is(401).problem(), "service-key", "{other}");
    }
    server.ask(&ask()).await.is(401);
    assert!(!server.log().contains(SERVICE_KEY));
}

fn token_with(members: &Value) -> String {
    token(&claims_but(OLGA, members))
}

/// What somebody may get into their own claims: a name, an address, what applications keep there.
const EVIL: [&str; 10] = [
    "'; set role postgres; --",
    "\\'; reset role; --",
    "\"}', true); drop table public.profiles; --",
    "$$; commit; begin; set role postgres; $$",
    "E'\\\\x27'",
    "%s %I %L $1 {} \\u0027",
    "\u{202e}\u{200b}\u{fffd}\u{10ffff}",
    "\r\nset-cookie: a=b",
    "'||pg_sleep(10)||'",
    "]}}}\"\"\"",
];

#[tokio::test]
async fn claims_are_nothing_but_data() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let own = server.get("/profile", OLGA).await.is(200);
    let mut tokens = Vec::new();
    for evil in EVIL {
        tokens.push(json!({"email": evil, "phone": evil}));
        tokens.push(json!({"app_metadata": {"role": evil, evil: [evil, {evil: 1}]}}));
        tokens.push(json!({evil: evil, "user_metadata": {"sub": NOBODY, "role": "service_role"}}));
    }
    // Near the largest that is read at all, with what JSON makes longer.
    tokens.push(json!({"email": "'\"\\".repeat(1_000)}));
    tokens.push(json!({"request.jwt.claim.sub": NOBODY, "sub ": NOBODY, "SUB": NOBODY}));
    for members in tokens {
        let token = token_with(&members);
        let asked = server.ask(&Ask::get("/profile").token(&token)).await;
        assert_eq!(asked.status, 200, "{members}: {}", asked.text());
        assert_eq!(asked.json()["id"], own.json()["id"], "{members}");
        let list = server
            .ask(&Ask::get("/profiles").token(&token))
            .await
            .is(200);
        assert_eq!(list.json()["items"], json!([]), "{members}");
        let change = Ask::change("{}").token(&token);
        server.ask(&change).await.is(200);
    }
    // PostgreSQL's jsonb has no NUL: not believed rather than an error of the server.
    let nul = token_with(&json!({"email": "a\u{0}b"}));
    server.ask(&Ask::get("/profile").token(&nul)).await.is(401);
    for evil in EVIL.into_iter().chain(["", " ", "\u{0}", "\\u0000"]) {
        for subject in [
            evil.to_owned(),
            format!("{OLGA}{evil}"),
            format!("{evil}{OLGA}"),
        ] {
            if subject == OLGA {
                continue;
            }
            let token = token(&claims(&subject));
            let asked = server.ask(&Ask::get("/profile").token(&token)).await;
            assert_eq!(asked.status, 401, "{subject:?}: {}", asked.text());
            asked.problem();
        }
    }
    // None of it did anything, and nothing stays in a session for the next.
    let people = "select count(*) from public.profiles";
    assert_eq!(world.db.query(people).await, "6");
    assert_eq!(server.get("/profile", NOBODY).await.status, 404);
    let log = server.log();
    assert!(
        !log.contains("set role") && !log.contains("failed"),
        "{log}"
    );
}
