//! Which key verifies what: whatever the header says, each key has one algorithm.

use serde_json::{Value, json};

use super::server::{Server, answer, ok, set, set_of};
use super::signer::{Signer, der, encode, good, now, verdict};
use crate::api::token::{Claims, Part, TokenFault, Verifier};
use crate::clock::Clock;

const PUBLIC_PEM: &str = include_str!("../../../../tests/it/api/keys/rsa_test.public.pem");
const PUBLIC_PKCS1: &str = include_str!("../../../../tests/it/api/keys/rsa_test.public_pkcs1.pem");

/// A project with an RSA key, a key on P-256 and, if wanted, the secret.
struct Project {
    rsa: Signer,
    ec: Signer,
    server: Server,
    verifier: Verifier,
}

impl Project {
    async fn with_secret() -> Self {
        Self::start(Server::settings).await
    }

    async fn without_secret() -> Self {
        Self::start(|server| crate::api::token::TokenSettings {
            secret: None,
            ..server.settings()
        })
        .await
    }

    async fn start(settings: impl Fn(&Server) -> crate::api::token::TokenSettings) -> Self {
        let (rsa, ec) = (Signer::rsa(), Signer::ec("ec-1"));
        let server = Server::start(set_of(&[&rsa, &ec])).await;
        let verifier = Verifier::new(settings(&server), Clock::Fixed(now())).unwrap();
        Self {
            rsa,
            ec,
            server,
            verifier,
        }
    }

    async fn verdict(&self, token: &str) -> Result<Claims, TokenFault> {
        self.verifier.verify(token).await
    }

    async fn fault(&self, token: &str) -> TokenFault {
        self.verdict(token).await.unwrap_err()
    }
}

#[tokio::test]
async fn each_kind_of_key_verifies_its_own() {
    let project = Project::with_secret().await;
    for signer in [&project.rsa, &project.ec, &Signer::secret()] {
        let claims = project.verdict(&signer.good_token()).await.unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(claims.json()).unwrap(),
            good()
        );
    }
    assert_eq!(project.server.fetches(), 1);
}

#[tokio::test]
async fn other_algorithms_are_not_supported() {
    let project = Project::with_secret().await;
    for name in [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS384", "HS512", "RS384", "RS512", "PS256",
        "ES384", "ES256K", "EdDSA", "RSA-OAEP", "HS256 ",
    ] {
        let header = json!({"alg": name, "kid": "rsa-1"}).to_string();
        let unsigned = format!("{}.{}.", encode(&header), encode(good().to_string()));
        let signed = Signer::secret().sign(&header, good().to_string());
        for token in [unsigned, signed] {
            assert_eq!(
                project.fault(&token).await,
                TokenFault::UnsupportedAlgorithm,
                "{name}"
            );
        }
    }
    assert_eq!(project.server.fetches(), 0);
}

#[tokio::test]
async fn a_header_is_an_object_with_an_algorithm() {
    for header in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":256}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":"HS256"} x"#,
        "HS256",
    ] {
        let token = Signer::secret().sign(header, good().to_string());
        assert_eq!(
            verdict(&token).await.unwrap_err(),
            TokenFault::MalformedPart(Part::Header),
            "{header}"
        );
    }
}

#[tokio::test]
async fn an_unsigned_token_is_not_believed() {
    let project = Project::with_secret().await;
    for signer in [&project.rsa, &project.ec, &Signer::secret()] {
        let token = signer.good_token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(
            project.fault(&format!("{signed}.")).await,
            TokenFault::BadSignature
        );
    }
}

/// Everything that everybody may know of the published keys, as bytes of a secret.
fn public_bytes(project: &Project) -> Vec<Vec<u8>> {
    let rsa = project.rsa.jwk();
    let ec = project.ec.jwk();
    let decoded = |value: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(value.as_str().unwrap())
            .unwrap()
    };
    let point = [vec![4], decoded(&ec["x"]), decoded(&ec["y"])].concat();
    vec![
        PUBLIC_PEM.into(),
        PUBLIC_PEM.trim_end().into(),
        PUBLIC_PKCS1.into(),
        der(PUBLIC_PEM),
        der(PUBLIC_PKCS1),
        decoded(&rsa["n"]),
        rsa["n"].as_str().unwrap().into(),
        rsa.to_string().into(),
        ec.to_string().into(),
        point.clone(),
        point[1..].to_vec(),
        b"rsa-1".to_vec(),
    ]
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let with_secret = Project::with_secret().await;
    let without_secret = Project::without_secret().await;
    for (project, expected) in [
        (&with_secret, TokenFault::BadSignature),
        (&without_secret, TokenFault::WrongAlgorithm),
    ] {
        for bytes in public_bytes(project) {
            for key_id in [None, Some("rsa-1"), Some("ec-1")] {
                let token = Signer::hs256(&bytes).named(key_id).good_token();
                assert_eq!(project.fault(&token).await, expected);
            }
            // And the same signature under the names of the published keys' algorithms.
            for (name, key_id) in [("RS256", "rsa-1"), ("ES256", "ec-1")] {
                let header = json!({"alg": name, "kid": key_id}).to_string();
                let token = Signer::hs256(&bytes).sign(&header, good().to_string());
                assert_eq!(project.fault(&token).await, TokenFault::BadSignature);
            }
        }
    }
}

#[tokio::test]
async fn the_header_does_not_say_how_a_key_is_used() {
    let project = Project::with_secret().await;
    let crossed = |signer: &Signer, name: &str, key_id: &str| {
        signer.with_header(&json!({"alg": name, "kid": key_id}))
    };
    for token in [
        crossed(&project.ec, "ES256", "rsa-1"),
        crossed(&project.rsa, "RS256", "ec-1"),
        crossed(&project.rsa, "ES256", "rsa-1"),
        crossed(&Signer::secret(), "RS256", "ec-1"),
    ] {
        assert_eq!(project.fault(&token).await, TokenFault::WrongAlgorithm);
    }
    for token in [
        crossed(&project.rsa, "ES256", "ec-1"),
        crossed(&project.ec, "RS256", "rsa-1"),
        crossed(&Signer::secret(), "RS256", "rsa-1"),
        crossed(&project.rsa, "HS256", "rsa-1"),
        crossed(&project.ec, "HS256", "ec-1"),
    ] {
        assert_eq!(project.fault(&token).await, TokenFault::BadSignature);
    }
}

#[tokio::test]
async fn another_key_of_the_same_kind_does_not_do() {
    let project = Project::with_secret().await;
    for signer in [
        Signer::other_rsa(),
        Signer::ec("ec-1"),
        Signer::hs256("another secret of the tests, of more than 32 bytes"),
    ] {
        assert_eq!(
            project.fault(&signer.good_token()).await,
            TokenFault::BadSignature
        );
    }
}

#[tokio::test]
async fn without_published_keys_there_are_none_to_verify_with() {
    for signer in [Signer::rsa(), Signer::ec("ec-1")] {
        assert_eq!(
            verdict(&signer.good_token()).await.unwrap_err(),
            TokenFault::WrongAlgorithm
        );
    }
}

#[tokio::test]
async fn the_secret_has_an_id_that_nobody_publishes() {
    let project = Project::with_secret().await;
    let token = Signer::secret()
        .named(Some("Ct0sBTBDp0rdAUDR"))
        .good_token();
    assert!(project.verdict(&token).await.is_ok());
    assert_eq!(project.server.fetches(), 0, "and nobody is asked for it");
}

#[tokio::test]
async fn a_token_without_key_id_is_for_the_only_key_of_its_algorithm() {
    let (rsa, ec, second) = (Signer::rsa(), Signer::ec("ec-1"), Signer::ec("ec-2"));
    let server = Server::start(set_of(&[&rsa, &ec, &second])).await;
    let verifier = server.verifier();
    let (rsa, ec) = (rsa.named(None), ec.named(None));
    assert!(verifier.verify(&rsa.good_token()).await.is_ok());
    assert_eq!(
        verifier.verify(&ec.good_token()).await.unwrap_err(),
        TokenFault::MissingKeyId,
        "two keys"
    );

    let server = Server::start(set_of(&[&second])).await;
    let verifier = server.verifier();
    assert_eq!(
        verifier.verify(&rsa.good_token()).await.unwrap_err(),
        TokenFault::MissingKeyId,
        "no key"
    );
    assert_eq!(
        verifier.verify(&ec.good_token()).await.unwrap_err(),
        TokenFault::BadSignature,
        "one key, and not the right one"
    );
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn an_id_that_stands_twice_is_that_of_both() {
    let (first, second) = (Signer::ec("one"), Signer::ec("one"));
    let rsa = Signer::rsa().named(Some("one"));
    let server = Server::start(set_of(&[&first, &second, &rsa])).await;
    let verifier = server.verifier();
    for signer in [&first, &second, &rsa] {
        assert!(verifier.verify(&signer.good_token()).await.is_ok());
    }
}

#[tokio::test]
async fn keys_in_a_header_are_not_looked_at() {
    let project = Project::with_secret().await;
    let attacker = Signer::other_rsa();
    let theirs = Server::start(set_of(&[&attacker])).await;
    let offers = [
        json!({"jku": theirs.url()}),
        json!({"x5u": theirs.url()}),
        json!({"jwk": attacker.jwk()}),
        json!({"x5c": ["MIIB"]}),
        json!({"jku": theirs.url(), "jwk": attacker.jwk(), "x5u": theirs.url(), "x5t": "x"}),
    ];
    for offer in offers {
        assert_eq!(
            project.fault(&attacker.with_header(&offer)).await,
            TokenFault::BadSignature
        );
        assert!(
            project
                .verdict(&project.rsa.with_header(&offer))
                .await
                .is_ok()
        );
    }
    assert_eq!(theirs.fetches(), 0);
    assert_eq!(project.server.fetches(), 1);
}

#[tokio::test]
async fn an_extension_that_must_be_understood_is_refused() {
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!(null)] {
        let token = Signer::secret().with_header(&json!({"crit": crit, "b64": false}));
        assert_eq!(
            verdict(&token).await.unwrap_err(),
            TokenFault::CriticalHeader
        );
    }
}

#[tokio::test]
async fn a_shared_secret_in_the_set_verifies_nothing() {
    let secret = "a shared secret in a key set, of more than 32 bytes";
    let oct = json!({"kty": "oct", "kid": "oct-1", "alg": "HS256", "k": encode(secret)});
    let server = Server::start(ok(set(&[oct, Signer::rsa().jwk()]))).await;
    let verifier = server.verifier();
    for key_id in [None, Some("oct-1")] {
        let token = Signer::hs256(secret).named(key_id).good_token();
        assert_eq!(
            verifier.verify(&token).await.unwrap_err(),
            TokenFault::WrongAlgorithm
        );
    }
    assert!(verifier.verify(&Signer::rsa().good_token()).await.is_ok());
}

#[tokio::test]
async fn a_point_that_is_not_on_the_curve_verifies_nothing() {
    let signer = Signer::ec("ec-1");
    let mut jwk = signer.jwk();
    jwk["x"] = encode([7; 32]).into();
    let server = Server::start(answer("200 OK", "", set(&[jwk]))).await;
    assert_eq!(
        server
            .verifier()
            .verify(&signer.good_token())
            .await
            .unwrap_err(),
        TokenFault::BadSignature
    );
}
