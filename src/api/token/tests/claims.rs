//! What a payload has to say.

use serde_json::{Value, json};

use super::signer::{
    ISSUER, SECRET, SUBJECT, Signer, by_secret, encode, good, now, seconds, verdict, with, without,
};
use crate::api::token::{Claim, Part, Secret, ServiceKey, TokenFault, TokenSettings, Verifier};
use crate::clock::Clock;

async fn fault(claims: Value) -> TokenFault {
    verdict(&Signer::secret().token(&claims)).await.unwrap_err()
}

async fn passes(claims: Value) -> bool {
    verdict(&Signer::secret().token(&claims)).await.is_ok()
}

/// The verdict on a payload of this text, signed as it stands.
async fn raw_fault(payload: impl AsRef<[u8]>) -> Option<TokenFault> {
    let token = Signer::secret().sign(r#"{"alg":"HS256"}"#, payload);
    verdict(&token).await.err()
}

#[tokio::test]
async fn a_good_token_is_taken_whole() {
    let claims = verdict(&Signer::secret().good_token()).await.unwrap();
    assert_eq!(claims.subject().to_string(), SUBJECT);
    assert_eq!(
        serde_json::from_str::<Value>(claims.json()).unwrap(),
        good()
    );
    assert_eq!(claims.expires_at(), seconds(2 * 86_400));
    assert_eq!(
        format!("{claims:?}"),
        format!("Claims {{ subject: {SUBJECT}, .. }}")
    );
}

#[tokio::test]
async fn an_anonymous_user_is_a_user() {
    assert!(passes(with("is_anonymous", true)).await);
}

#[tokio::test]
async fn a_claim_that_is_missing_is_named() {
    for claim in [
        Claim::Subject,
        Claim::Audience,
        Claim::Issuer,
        Claim::Role,
        Claim::ExpiresAt,
    ] {
        let fault = fault(without(claim.as_str())).await;
        assert_eq!(fault, TokenFault::MissingClaim(claim));
    }
    assert!(
        passes(without("iat")).await,
        "only looked at if it is there"
    );
}

#[tokio::test]
async fn the_subject_is_a_uuid_spelled_one_way() {
    let upper = SUBJECT.to_uppercase();
    let simple = SUBJECT.replace('-', "");
    for subject in [
        json!(upper),
        json!(simple),
        json!(format!("{{{SUBJECT}}}")),
        json!(format!("urn:uuid:{SUBJECT}")),
        json!(format!(" {SUBJECT}")),
        json!(format!("{SUBJECT}\n")),
        json!(format!("{SUBJECT}' or true --")),
        json!("'; set role postgres; --"),
        json!("ada"),
        json!(""),
        json!(1),
        json!(null),
        json!([SUBJECT]),
        json!({"sub": SUBJECT}),
    ] {
        let found = fault(with("sub", subject.clone())).await;
        assert_eq!(found, TokenFault::MalformedSubject, "{subject}");
    }
}

#[tokio::test]
async fn the_role_is_that_of_users() {
    for role in [
        json!("anon"),
        json!("postgres"),
        json!("Authenticated"),
        json!("authenticated "),
        json!(""),
        json!(null),
        json!(["authenticated"]),
    ] {
        assert_eq!(fault(with("role", role)).await, TokenFault::WrongRole);
    }
}

#[tokio::test]
async fn the_audience_is_or_holds_ours() {
    assert!(passes(with("aud", json!(["other", "authenticated"]))).await);
    for audience in [
        json!("anon"),
        json!("Authenticated"),
        json!(""),
        json!([]),
        json!(["other"]),
        json!(["authenticated", 1]),
        json!([["authenticated"]]),
        json!({"authenticated": true}),
        json!(null),
        json!(true),
    ] {
        let found = fault(with("aud", audience.clone())).await;
        assert_eq!(found, TokenFault::WrongAudience, "{audience}");
    }
}

#[tokio::test]
async fn the_issuer_is_ours_to_the_letter() {
    for issuer in [
        json!("https://other.test/auth/v1"),
        json!(format!("{ISSUER}/")),
        json!(ISSUER.to_uppercase()),
        json!("supabase"),
        json!(""),
        json!(null),
        json!([ISSUER]),
    ] {
        assert_eq!(fault(with("iss", issuer)).await, TokenFault::WrongIssuer);
    }
}

#[tokio::test]
async fn times_have_a_leeway_of_half_a_minute() {
    let at = |offset: i64| now().timestamp() + offset;
    assert!(passes(with("exp", at(-29))).await);
    assert_eq!(fault(with("exp", at(-30))).await, TokenFault::Expired);
    assert_eq!(fault(with("exp", -1)).await, TokenFault::Expired);
    assert!(passes(with("nbf", at(30))).await);
    assert_eq!(fault(with("nbf", at(31))).await, TokenFault::NotYetValid);
    assert!(passes(with("iat", at(30))).await);
    assert_eq!(fault(with("iat", at(31))).await, TokenFault::IssuedInFuture);
    assert!(passes(with("iat", 0)).await);
}

#[tokio::test]
async fn a_part_of_a_second_counts() {
    let verifier = by_secret();
    let token = Signer::secret().token(&with("exp", now().timestamp() - 29));
    let almost = seconds(1) - chrono::TimeDelta::nanoseconds(1);
    assert!(verifier.verify_at(&token, almost).await.is_ok());
    assert_eq!(
        verifier.verify_at(&token, seconds(1)).await.unwrap_err(),
        TokenFault::Expired
    );
}

#[tokio::test]
async fn a_time_is_a_whole_number_in_range() {
    for claim in [Claim::ExpiresAt, Claim::NotBefore, Claim::IssuedAt] {
        for time in [
            json!("1800000600"),
            json!(1_800_000_600.5),
            json!(1_800_000_600.0),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(9_000_000_000_000_i64),
            json!(null),
            json!(true),
            json!([1_800_000_600]),
            json!({}),
        ] {
            let found = fault(with(claim.as_str(), time.clone())).await;
            assert_eq!(found, TokenFault::MalformedTime(claim), "{time}");
        }
        // What JSON can say and Rust cannot.
        for (time, expected) in [
            ("18446744073709551616", TokenFault::MalformedTime(claim)),
            ("1.8e9", TokenFault::MalformedTime(claim)),
            ("18e8", TokenFault::MalformedTime(claim)),
            ("1e999", TokenFault::MalformedPart(Part::Claims)),
            ("NaN", TokenFault::MalformedPart(Part::Claims)),
            ("+1", TokenFault::MalformedPart(Part::Claims)),
            ("01", TokenFault::MalformedPart(Part::Claims)),
        ] {
            let payload = with(claim.as_str(), "TIME")
                .to_string()
                .replace("\"TIME\"", time);
            assert_eq!(raw_fault(payload).await, Some(expected), "{time}");
        }
    }
}

#[tokio::test]
async fn a_key_stands_once_at_any_depth() {
    let twice = |more: &str| good().to_string().replacen('{', &format!("{{{more},"), 1);
    let other = "00000000-0000-4000-8000-000000000000";
    for more in [
        format!(r#""sub":"{SUBJECT}""#),
        format!(r#""sub":"{other}""#),
        format!(r#""s\u0075b":"{other}""#),
        r#""role":"service_role""#.to_owned(),
        r#""x":{"a":1,"a":2}"#.to_owned(),
        r#""x":[[{"a":{"b":1,"b":1}}]]"#.to_owned(),
    ] {
        assert_eq!(
            raw_fault(twice(&more)).await,
            Some(TokenFault::DuplicateKey(Part::Claims)),
            "{more}"
        );
    }
    assert_eq!(raw_fault(twice(r#""SUB":1,"x":{"sub":1}"#)).await, None);
}

#[tokio::test]
async fn a_header_names_each_key_once() {
    for header in [
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"a","k\u0069d":"b"}"#,
    ] {
        let token = Signer::secret().sign(header, good().to_string());
        assert_eq!(
            verdict(&token).await.unwrap_err(),
            TokenFault::DuplicateKey(Part::Header)
        );
    }
}

#[tokio::test]
async fn a_payload_is_an_object_that_postgresql_can_hold() {
    let zero = with("name", "a\0b").to_string();
    let zero_key = with("a\0b", 1).to_string();
    let surrogate = with("name", "HALF").to_string().replace("HALF", r"\ud800");
    let deep = format!("{}{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for payload in [
        "",
        "null",
        "[]",
        "1",
        "\"text\"",
        "{",
        "{}{}",
        "{} x",
        "{\"a\":1,}",
        zero.as_str(),
        zero_key.as_str(),
        surrogate.as_str(),
        deep.as_str(),
    ] {
        assert_eq!(
            raw_fault(payload).await,
            Some(TokenFault::MalformedPart(Part::Claims)),
            "{payload}"
        );
    }
    assert_eq!(
        raw_fault(b"{\"a\":\"\xff\"}").await,
        Some(TokenFault::MalformedPart(Part::Claims))
    );
}

#[tokio::test]
async fn what_is_no_token_is_malformed() {
    let token = Signer::secret().good_token();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };
    for text in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a".to_owned(),
        "\0".to_owned(),
        "\u{1f980}.\u{1f980}.\u{1f980}".to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}.{payload}.{signature}.{signature}.{signature}"),
        format!("{token}="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("Bearer {token}"),
        format!("{header}=.{payload}.{signature}"),
    ] {
        let found = verdict(&text).await.unwrap_err();
        let expected = if text == ".." || text.starts_with("..") {
            TokenFault::MalformedPart(Part::Header)
        } else {
            TokenFault::Malformed
        };
        assert_eq!(found, expected, "{text}");
    }
    // A valid signature over a payload that is no base64url.
    let message = format!("{header}.{payload}=");
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256)
            .unwrap();
    assert_eq!(
        verdict(&format!("{message}.{signature}"))
            .await
            .unwrap_err(),
        TokenFault::Malformed
    );
}

#[tokio::test]
async fn nothing_of_the_payload_is_read_before_the_signature_is_proved() {
    let header = encode(r#"{"alg":"HS256"}"#);
    for payload in [
        "{\"a\":1,\"a\":1}",
        "no JSON",
        "{\"role\":\"service_role\"}",
    ] {
        let token = format!("{header}.{}.{}", encode(payload), encode([0; 32]));
        assert_eq!(verdict(&token).await.unwrap_err(), TokenFault::BadSignature);
    }
}

#[tokio::test]
async fn a_large_token_is_not_read() {
    let of_size = |bytes: usize| {
        let empty = Signer::secret().token(&with("x", "")).len();
        // Four letters for three bytes.
        let token = Signer::secret().token(&with("x", "x".repeat((bytes - empty) / 4 * 3)));
        assert!(token.len() <= bytes && token.len() + 8 > bytes);
        token
    };
    assert!(verdict(&of_size(8 * 1024)).await.is_ok());
    for token in [of_size(8 * 1024 + 12), "x".repeat(8 * 1024 + 1)] {
        assert_eq!(verdict(&token).await.unwrap_err(), TokenFault::TooLarge);
    }
}

#[tokio::test]
async fn a_service_role_key_is_no_users_token() {
    let key = Signer::secret().token(&json!({
        "iss": "supabase",
        "ref": "project",
        "role": "service_role",
        "iat": now().timestamp(),
        "exp": now().timestamp() + 86_400,
    }));
    assert_eq!(verdict(&key).await.unwrap_err(), TokenFault::ServiceKey);
    assert_eq!(
        fault(with("role", "service_role")).await,
        TokenFault::ServiceKey
    );

    // Even one that is a user's token in all else.
    let users = Signer::secret().good_token();
    let settings = TokenSettings {
        service_key: Some(ServiceKey::new(&Secret::new(users.as_str())).unwrap()),
        ..super::signer::settings()
    };
    let verifier = Verifier::new(settings, Clock::Fixed(now())).unwrap();
    assert_eq!(
        verifier.verify(&users).await.unwrap_err(),
        TokenFault::ServiceKey
    );
    let another = Signer::secret().token(&with("jti", "another"));
    assert!(verifier.verify(&another).await.is_ok());
}
