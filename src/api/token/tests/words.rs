//! Codes and words, whole.

use std::collections::BTreeSet;

use crate::api::token::{Claim, JwksUrlDefect, KeyDefect, TokenFault};

#[test]
fn faults() {
    let told: Vec<String> = TokenFault::ALL
        .iter()
        .map(|fault| format!("{}: {fault}", fault.code()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    token-too-large: the token is too large
    malformed-token: the token is not three parts in base64url
    malformed-header: the header is not what it has to be
    malformed-claims: the payload is not what it has to be
    duplicate-key: the header names a key twice
    duplicate-key: the payload names a key twice
    critical-header: the header asks for an extension
    unsupported-algorithm: the algorithm is not supported
    wrong-algorithm: the algorithm is not that of the key
    missing-key-id: the header names no key
    unknown-key: the key is unknown
    bad-signature: the signature is wrong
    missing-claim: the claim `sub` is missing
    missing-claim: the claim `aud` is missing
    missing-claim: the claim `iss` is missing
    missing-claim: the claim `role` is missing
    missing-claim: the claim `exp` is missing
    malformed-time: the claim `exp` is not a time in whole seconds
    malformed-time: the claim `nbf` is not a time in whole seconds
    malformed-time: the claim `iat` is not a time in whole seconds
    token-expired: the token has expired
    token-not-yet-valid: the token is not valid yet
    issued-in-future: the token was issued in the future
    wrong-audience: the token is for another audience
    wrong-issuer: the token is from another issuer
    malformed-subject: the subject is not a UUID in canonical form
    wrong-role: the role is not that of a user
    service-key-as-token: a service-role key is no user's token
    keys-unavailable: the keys of the project cannot be reached
    ");
}

/// The list is kept whole by this match: a new fault does not compile before it stands here too.
#[test]
fn the_list_of_faults_is_whole() {
    let counted = |fault: &TokenFault| match fault {
        TokenFault::TooLarge
        | TokenFault::Malformed
        | TokenFault::CriticalHeader
        | TokenFault::UnsupportedAlgorithm
        | TokenFault::WrongAlgorithm
        | TokenFault::MissingKeyId
        | TokenFault::UnknownKey
        | TokenFault::BadSignature
        | TokenFault::Expired
        | TokenFault::NotYetValid
        | TokenFault::IssuedInFuture
        | TokenFault::WrongAudience
        | TokenFault::WrongIssuer
        | TokenFault::MalformedSubject
        | TokenFault::WrongRole
        | TokenFault::ServiceKey
        | TokenFault::KeysUnavailable => 17,
        TokenFault::MalformedPart(_) | TokenFault::DuplicateKey(_) => 4,
        TokenFault::MissingClaim(claim) => match claim {
            Claim::Subject | Claim::Audience | Claim::Issuer | Claim::Role | Claim::ExpiresAt => 5,
            Claim::NotBefore | Claim::IssuedAt => panic!("not required"),
        },
        TokenFault::MalformedTime(_) => 3,
    };
    let kinds: BTreeSet<usize> = TokenFault::ALL.iter().map(counted).collect();
    assert_eq!(kinds.iter().sum::<usize>(), TokenFault::ALL.len());
    let distinct: std::collections::HashSet<_> = TokenFault::ALL.iter().collect();
    assert_eq!(distinct.len(), TokenFault::ALL.len(), "each once");
    for code in TokenFault::ALL.map(TokenFault::code) {
        let kebab = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        assert!(code.chars().all(kebab), "{code}");
    }
}

#[test]
fn defects() {
    let all = [
        KeyDefect::NoKeys,
        KeyDefect::NoIssuer,
        KeyDefect::SecretTooShort {
            bytes: 31,
            least: 32,
        },
        KeyDefect::SecretIsPublic,
        KeyDefect::UnusableSecret,
        KeyDefect::ServiceKeyTooShort {
            bytes: 31,
            least: 32,
        },
        KeyDefect::JwksUrl(JwksUrlDefect::NotAUrl),
        KeyDefect::JwksUrl(JwksUrlDefect::Scheme {
            scheme: "ftp".to_owned(),
        }),
        KeyDefect::JwksUrl(JwksUrlDefect::PlainHttp {
            host: "kong".to_owned(),
        }),
        KeyDefect::JwksUrl(JwksUrlDefect::Credentials),
        KeyDefect::NoClient {
            reason: "no certificates".to_owned(),
        },
    ];
    let told: Vec<String> = all
        .iter()
        .map(|defect| format!("{}: {defect}", defect.code()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    no-token-keys: there is neither a secret nor a key set to verify tokens with
    no-token-issuer: there is no issuer to expect in tokens
    token-secret-too-short: the secret has 31 bytes, HS256 wants 32
    token-secret-public: what is given as the secret is known to others
    token-secret-unusable: no key can be made of the secret
    service-key-too-short: the service-role key has 31 bytes, at least 32 are wanted
    jwks-url: the address of the key set is wrong: it is no URL with a host
    jwks-url: the address of the key set is wrong: its scheme is ftp
    jwks-url: the address of the key set is wrong: plain http leads to kong, which is not this machine
    jwks-url: the address of the key set is wrong: it holds a user or a password
    jwks-client: the key set cannot be fetched from here: no certificates
    ");
}
