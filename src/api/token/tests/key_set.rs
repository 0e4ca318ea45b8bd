//! Which published keys are used.

use serde_json::{Value, json};

use super::signer::{Signer, encode};
use crate::api::token::key_set::{Ignored, KeySet, Unusable};

fn read(key: &Value) -> Result<(), Unusable> {
    let set = KeySet::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap();
    match &set.ignored[..] {
        [] => {
            assert_eq!(set.len(), 1);
            Ok(())
        }
        [Ignored { reason, .. }] => {
            assert_eq!(set.len(), 0);
            Err(*reason)
        }
        more => panic!("one key, and {more:?}"),
    }
}

fn changed(key: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut key = key.clone();
    key[member] = value.into();
    key
}

fn lacking(key: &Value, member: &str) -> Value {
    let mut key = key.clone();
    key.as_object_mut().unwrap().remove(member);
    key
}

#[test]
fn what_a_project_publishes_is_used() {
    for key in [Signer::rsa().jwk(), Signer::ec("ec-1").jwk()] {
        assert_eq!(read(&key), Ok(()), "{key}");
        for member in ["use", "alg", "key_ops", "ext", "kid"] {
            assert_eq!(read(&lacking(&key, member)), Ok(()), "without {member}");
        }
        let several = changed(&key, "key_ops", json!(["sign", "verify"]));
        assert_eq!(read(&several), Ok(()));
    }
}

#[test]
fn what_is_not_used_is_told_why() {
    let rsa = Signer::rsa().jwk();
    let ec = Signer::ec("ec-1").jwk();
    let cases = [
        (json!(null), Unusable::NotAKey),
        (json!("rsa"), Unusable::NotAKey),
        (json!([]), Unusable::NotAKey),
        (changed(&rsa, "kid", 1), Unusable::NotAKey),
        (changed(&rsa, "kid", Value::Null), Unusable::NotAKey),
        (json!({}), Unusable::Kind),
        (lacking(&rsa, "kty"), Unusable::Kind),
        (changed(&rsa, "kty", "rsa"), Unusable::Kind),
        (changed(&rsa, "kty", "oct"), Unusable::Kind),
        (
            json!({"kty": "oct", "k": "AAAA", "alg": "HS256"}),
            Unusable::Kind,
        ),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
            Unusable::Kind,
        ),
        (lacking(&ec, "crv"), Unusable::Kind),
        (changed(&ec, "crv", "P-384"), Unusable::Kind),
        (changed(&ec, "crv", "secp256k1"), Unusable::Kind),
        (changed(&rsa, "alg", "HS256"), Unusable::Algorithm),
        (changed(&rsa, "alg", "RS512"), Unusable::Algorithm),
        (changed(&rsa, "alg", "PS256"), Unusable::Algorithm),
        (changed(&rsa, "alg", "none"), Unusable::Algorithm),
        (changed(&rsa, "alg", Value::Null), Unusable::Algorithm),
        (changed(&ec, "alg", "RS256"), Unusable::Algorithm),
        (changed(&ec, "alg", "HS256"), Unusable::Algorithm),
        (changed(&rsa, "use", "enc"), Unusable::Purpose),
        (changed(&ec, "use", Value::Null), Unusable::Purpose),
        (
            changed(&rsa, "key_ops", json!(["encrypt"])),
            Unusable::Purpose,
        ),
        (changed(&rsa, "key_ops", json!([])), Unusable::Purpose),
        (changed(&rsa, "key_ops", "verify"), Unusable::Purpose),
        (changed(&rsa, "d", "AAAA"), Unusable::Private),
        (changed(&rsa, "p", "AAAA"), Unusable::Private),
        (changed(&rsa, "oth", json!([])), Unusable::Private),
        (changed(&ec, "d", "AAAA"), Unusable::Private),
        (changed(&ec, "k", "AAAA"), Unusable::Private),
        (lacking(&rsa, "n"), Unusable::Numbers),
        (lacking(&rsa, "e"), Unusable::Numbers),
        (changed(&rsa, "n", 1), Unusable::Numbers),
        (changed(&rsa, "n", ""), Unusable::Numbers),
        (changed(&rsa, "n", "no+base64/url"), Unusable::Numbers),
        (changed(&rsa, "n", encode([0; 256])), Unusable::Numbers),
        (changed(&rsa, "n", encode([255; 128])), Unusable::Numbers),
        (changed(&rsa, "n", encode([127; 256])), Unusable::Numbers),
        (changed(&rsa, "n", encode([255; 1025])), Unusable::Numbers),
        (changed(&rsa, "e", encode([0])), Unusable::Numbers),
        (changed(&rsa, "e", encode([1])), Unusable::Numbers),
        (changed(&rsa, "e", encode([0, 0, 1])), Unusable::Numbers),
        (changed(&rsa, "e", encode([4])), Unusable::Numbers),
        (
            changed(&rsa, "e", encode([1, 0, 0, 0, 1])),
            Unusable::Numbers,
        ),
        (changed(&ec, "x", ""), Unusable::Numbers),
        (changed(&ec, "x", encode([1; 31])), Unusable::Numbers),
        (changed(&ec, "y", encode([1; 33])), Unusable::Numbers),
        (lacking(&ec, "y"), Unusable::Numbers),
    ];
    for (key, expected) in cases {
        assert_eq!(read(&key), Err(expected), "{key}");
        assert!(!expected.to_string().is_empty());
    }
}

#[test]
fn a_key_that_is_not_understood_spoils_no_other() {
    let keys = [
        json!({"kty": "oct", "kid": "shared", "k": "AAAA"}),
        Signer::rsa().jwk(),
        json!({"kty": "AKP", "kid": "later", "alg": "ML-DSA-44", "pub": "AAAA"}),
        Signer::ec("ec-1").jwk(),
    ];
    let set = KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap();
    assert_eq!(set.len(), 2);
    let ignored = |key_id: &str| Ignored {
        key_id: Some(key_id.to_owned()),
        reason: Unusable::Kind,
    };
    assert_eq!(set.ignored, [ignored("shared"), ignored("later")]);
}

#[test]
fn what_is_no_set_is_none() {
    let key = Signer::rsa().jwk();
    let twice = format!(r#"{{"keys":[{key}],"keys":[]}}"#);
    let twice_within = format!(
        r#"{{"keys":[{}]}}"#,
        key.to_string().replacen('{', r#"{"n":"AA","#, 1)
    );
    for text in [
        "",
        "<html></html>",
        "null",
        "[]",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[]"#,
        r#"{"keys":[]} x"#,
        r#"{"error":"not found"}"#,
        twice.as_str(),
        twice_within.as_str(),
    ] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(KeySet::parse(br#"{"keys":[]}"#).unwrap().len(), 0);
}
