//! The keys that the server is given, and the tokens that it makes itself.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::signer::{ISSUER, SECRET, SUBJECT, Signer, now, seconds, settings};
use crate::api::token::{
    JwksSettings, JwksUrlDefect, KeyDefect, Secret, ServiceKey, TokenFault, TokenSettings,
    Verifier, mint,
};
use crate::clock::Clock;

fn defect(settings: TokenSettings) -> KeyDefect {
    Verifier::new(settings, Clock::System).unwrap_err()
}

fn with_secret(secret: &str) -> TokenSettings {
    TokenSettings {
        secret: Some(Secret::new(secret)),
        ..settings()
    }
}

fn with_url(url: &str) -> Result<Verifier, KeyDefect> {
    Verifier::new(
        TokenSettings {
            jwks: Some(JwksSettings::new(url)),
            ..settings()
        },
        Clock::System,
    )
}

#[test]
fn there_is_a_key_and_an_issuer() {
    assert_eq!(
        defect(TokenSettings::of_project("https://project.test")),
        KeyDefect::NoKeys
    );
    assert_eq!(
        defect(TokenSettings {
            issuer: String::new(),
            ..settings()
        }),
        KeyDefect::NoIssuer
    );
}

#[test]
fn a_secret_has_32_bytes() {
    for bytes in [0, 1, 31] {
        assert_eq!(
            defect(with_secret(&"s".repeat(bytes))),
            KeyDefect::SecretTooShort { bytes, least: 32 }
        );
    }
    assert!(Verifier::new(with_secret(&"s".repeat(32)), Clock::System).is_ok());
    // Bytes, not letters.
    assert!(Verifier::new(with_secret(&"\u{e9}".repeat(16)), Clock::System).is_ok());
}

#[test]
fn what_others_know_is_no_secret() {
    let anon = Signer::secret().token(&json!({"role": "anon"}));
    for public in [
        include_str!("../../../../tests/it/api/keys/rsa_test.public.pem"),
        &Signer::rsa().jwk().to_string(),
        &anon,
        "sb_publishable_0123456789012345678901234567890123456789",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI0123456789 somebody@somewhere",
    ] {
        assert_eq!(defect(with_secret(public)), KeyDefect::SecretIsPublic);
    }
}

#[test]
fn plain_http_stays_on_this_machine() {
    for url in [
        "https://project.supabase.co/auth/v1/.well-known/jwks.json",
        "https://127.0.0.1:8443/",
        "http://127.0.0.1:54321/auth/v1/.well-known/jwks.json",
        "http://127.1.2.3/",
        "http://[::1]:54321/",
        "http://localhost:54321/",
        "http://LOCALHOST/",
    ] {
        assert!(with_url(url).is_ok(), "{url}");
    }
    for (url, host) in [
        ("http://project.supabase.co/", "project.supabase.co"),
        ("http://127.0.0.1.evil.test/", "127.0.0.1.evil.test"),
        ("http://localhost.evil.test/", "localhost.evil.test"),
        ("http://0.0.0.0/", "0.0.0.0"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("http://[::2]/", "[::2]"),
        ("http://kong:8000/", "kong"),
    ] {
        let host = host.to_owned();
        assert_eq!(
            with_url(url).unwrap_err(),
            KeyDefect::JwksUrl(JwksUrlDefect::PlainHttp { host }),
            "{url}"
        );
    }
    for url in [
        "",
        "jwks.json",
        "/auth/v1",
        "https://",
        "data:,{}",
        "http://[::1",
    ] {
        assert_eq!(
            with_url(url).unwrap_err(),
            KeyDefect::JwksUrl(JwksUrlDefect::NotAUrl),
            "{url}"
        );
    }
    for url in ["ftp://127.0.0.1/", "ws://127.0.0.1/"] {
        assert!(matches!(
            with_url(url).unwrap_err(),
            KeyDefect::JwksUrl(JwksUrlDefect::Scheme { .. })
        ));
    }
    for url in ["https://user@host.test/", "https://:word@host.test/"] {
        assert_eq!(
            with_url(url).unwrap_err(),
            KeyDefect::JwksUrl(JwksUrlDefect::Credentials)
        );
    }
}

#[test]
fn a_project_has_one_issuer_and_its_keys_beneath() {
    for url in [
        "https://project.test",
        "https://project.test/",
        "https://project.test//",
    ] {
        let settings = TokenSettings::of_project(url).with_published_keys();
        assert_eq!(settings.issuer, ISSUER);
        assert_eq!(
            settings.jwks.unwrap().url,
            "https://project.test/auth/v1/.well-known/jwks.json"
        );
    }
}

#[test]
fn the_service_key_matches_itself_alone() {
    let text = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
    let key = ServiceKey::new(&Secret::new(text)).unwrap();
    assert!(key.matches(text));
    let longer = format!("{text} ");
    let upper = text.to_uppercase();
    for other in [
        "",
        "sb_secret_",
        &text[1..],
        &text[..text.len() - 1],
        &longer,
        &upper,
    ] {
        assert!(!key.matches(other), "{other}");
    }
    for bytes in [0, 31] {
        assert_eq!(
            ServiceKey::new(&Secret::new("k".repeat(bytes))).unwrap_err(),
            KeyDefect::ServiceKeyTooShort { bytes, least: 32 }
        );
    }
}

#[test]
fn nothing_shows_a_secret() {
    let settings = TokenSettings {
        service_key: Some(ServiceKey::new(&Secret::new(SECRET)).unwrap()),
        ..settings()
    };
    let shown = format!("{settings:#?}");
    let verifier = Verifier::new(settings, Clock::System).unwrap();
    let shown = format!("{shown}{verifier:#?}{:?}", Secret::new(SECRET));
    assert!(
        !shown.contains(SECRET) && !shown.contains("secret of"),
        "{shown}"
    );
    assert!(shown.contains("***"));
    let bytes = format!("{:?}", &SECRET.as_bytes()[..4]);
    assert!(
        !shown.contains(bytes.trim_end_matches(']')),
        "nor its bytes"
    );
}

#[tokio::test]
async fn a_token_of_our_own_is_a_good_one() {
    let subject = Uuid::parse_str(SUBJECT).unwrap();
    let hour = Duration::from_secs(3600);
    let secret = Secret::new(SECRET);
    let token = mint(&secret, subject, ISSUER, hour, now()).unwrap();
    let verifier = super::signer::by_secret();
    let claims = verifier.verify(&token).await.unwrap();
    assert_eq!(claims.subject(), subject);
    assert_eq!(claims.expires_at(), seconds(3600));
    assert_eq!(
        serde_json::from_str::<Value>(claims.json()).unwrap(),
        json!({
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": "authenticated",
            "role": "authenticated",
            "iat": now().timestamp(),
            "exp": now().timestamp() + 3600,
        })
    );
    assert_eq!(
        verifier.verify_at(&token, seconds(3630)).await.unwrap_err(),
        TokenFault::Expired
    );

    let for_ever = mint(&secret, subject, ISSUER, Duration::MAX, now()).unwrap();
    assert!(matches!(
        verifier.verify(&for_ever).await,
        Err(TokenFault::MalformedTime(_))
    ));
    assert_eq!(
        mint(&Secret::new("short"), subject, ISSUER, hour, now()).unwrap_err(),
        KeyDefect::SecretTooShort {
            bytes: 5,
            least: 32
        }
    );
}
