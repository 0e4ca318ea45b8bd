//! Whatever comes as a token: no panic, and no belief.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::server::{Server, set_of};
use super::signer::{SUBJECT, Signer, encode, good, now};
use crate::api::token::json;
use crate::api::token::{TokenFault, Verifier};
use crate::clock::Clock;

/// A project with all three kinds of keys, and a good token of each.
struct Project {
    runtime: Runtime,
    verifier: Verifier,
    tokens: [String; 3],
    _server: Server,
}

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (rsa, ec) = (Signer::rsa(), Signer::ec("ec-1"));
    let server = runtime.block_on(Server::start(set_of(&[&rsa, &ec])));
    let verifier = Verifier::new(server.settings(), Clock::Fixed(now())).unwrap();
    runtime.block_on(verifier.warm());
    Project {
        runtime,
        verifier,
        tokens: [rsa, ec, Signer::secret()].map(|signer| signer.good_token()),
        _server: server,
    }
});

fn verdict(token: &str) -> Result<(), TokenFault> {
    let project = &*PROJECT;
    let verdict = project.runtime.block_on(project.verifier.verify(token));
    verdict.map(|_| ())
}

/// What is done to a token.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, char),
    Insert(prop::sample::Index, String),
    Remove(prop::sample::Index, usize),
    Cut(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
}

impl Change {
    fn of(&self, token: &str) -> String {
        let mut letters: Vec<char> = token.chars().collect();
        match self {
            Self::Replace(at, with) => {
                let at = at.index(letters.len());
                letters[at] = *with;
            }
            Self::Insert(at, text) => {
                let at = at.index(letters.len());
                letters.splice(at..at, text.chars());
            }
            Self::Remove(at, count) => {
                let at = at.index(letters.len());
                letters.drain(at..(at + count).min(letters.len()));
            }
            Self::Cut(at) => letters.truncate(at.index(letters.len())),
            Self::Swap(one, other) => {
                let (one, other) = (one.index(letters.len()), other.index(letters.len()));
                letters.swap(one, other);
            }
        }
        letters.into_iter().collect()
    }
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let letter = prop_oneof![
        prop::char::ranges(vec!['a'..='z', 'A'..='Z', '0'..='9'].into()),
        Just('.'),
        Just('='),
        Just('-'),
        Just('_'),
        any::<char>(),
    ];
    prop_oneof![
        (index(), letter).prop_map(|(at, with)| Change::Replace(at, with)),
        (index(), "[A-Za-z0-9_.=-]{1,4}").prop_map(|(at, text)| Change::Insert(at, text)),
        (index(), 1_usize..5).prop_map(|(at, count)| Change::Remove(at, count)),
        index().prop_map(Change::Cut),
        (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "[^\0]{0,12}".prop_map(Value::from),
        Just(Value::from("authenticated")),
        Just(Value::from(SUBJECT)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn random_text_is_no_token(text in any::<String>()) {
        prop_assert!(verdict(&text).is_err());
    }

    #[test]
    fn random_parts_are_no_token(
        header in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            value().prop_map(|value| value.to_string().into_bytes()),
            Just(br#"{"alg":"ES256","kid":"ec-1"}"#.to_vec()),
            Just(br#"{"alg":"RS256","kid":"rsa-1"}"#.to_vec()),
            Just(br#"{"alg":"HS256"}"#.to_vec()),
        ],
        payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            value().prop_map(|value| value.to_string().into_bytes()),
            Just(good().to_string().into_bytes()),
        ],
        signature in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let token = format!("{}.{}.{}", encode(header), encode(payload), encode(signature));
        prop_assert!(verdict(&token).is_err());
    }

    #[test]
    fn a_changed_token_is_another(
        which in 0_usize..3,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let good = &PROJECT.tokens[which];
        prop_assert_eq!(verdict(good), Ok(()));
        let changed = changes.iter().fold(good.clone(), |token, change| {
            if token.is_empty() { token } else { change.of(&token) }
        });
        prop_assert!(changed == *good || verdict(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn parts_of_different_tokens_make_none(
        header in 0_usize..3,
        payload in 0_usize..3,
        signature in 0_usize..3,
    ) {
        let part = |which: usize, part: usize| {
            PROJECT.tokens[which].split('.').nth(part).unwrap()
        };
        let token = [part(header, 0), part(payload, 1), part(signature, 2)].join(".");
        let expected = if PROJECT.tokens.contains(&token) {
            Ok(())
        } else {
            Err(TokenFault::BadSignature)
        };
        prop_assert_eq!(verdict(&token), expected);
    }

    #[test]
    fn claims_of_any_value_are_told_by_a_fault(
        claim in prop::sample::select(vec!["sub", "aud", "iss", "role", "exp", "nbf", "iat"]),
        value in value(),
    ) {
        let mut claims = good();
        let before = claims.get(claim).cloned();
        claims[claim] = value.clone();
        if let Err(fault) = verdict(&Signer::secret().token(&claims)) {
            prop_assert!(TokenFault::ALL.contains(&fault));
            prop_assert!(before != Some(value));
        }
    }

    #[test]
    fn json_without_duplicates_is_read_as_ever(value in value()) {
        let text = value.to_string();
        let theirs: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(json::parse(text.as_bytes()).unwrap(), theirs);
    }

    #[test]
    fn random_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let ours = json::parse(&bytes).ok();
        let theirs = serde_json::from_slice::<Value>(&bytes).ok();
        prop_assert!(ours.is_none() || ours == theirs);
    }
}
