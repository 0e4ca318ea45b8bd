//! Each `sslmode` does what libpq says it does.

pub(crate) mod front;

use std::path::Path;
use std::time::Duration;

use grace_migrate::db::{DbError, Session, SessionOptions, TlsFailure, Unreachable};

use front::{Authority, Front, Identity, Manner, self_signed, spec};

const HOST: &str = "db.example.org";
const VALID: (i32, i32) = (2020, 2120);

/// How an attempt ended: `tls`, `plain`, or the code of the error.
async fn outcome(front: &Front, host: &str, parameters: &str) -> String {
    match connect(front, host, parameters).await {
        Ok(session) => {
            session.batch("select 1").await.unwrap();
            let kind = if session.is_encrypted() {
                "tls"
            } else {
                "plain"
            };
            session.close().await;
            kind.to_owned()
        }
        Err(DbError::Tls { failure, .. }) => match failure {
            TlsFailure::NotOffered => "not offered".to_owned(),
            TlsFailure::NoRootCertificate { .. } => "no root".to_owned(),
            TlsFailure::UntrustedIssuer => "untrusted".to_owned(),
            TlsFailure::WrongName { .. } => "wrong name".to_owned(),
            TlsFailure::Expired => "expired".to_owned(),
            other => format!("{other:?}"),
        },
        Err(error) => error.code().to_owned(),
    }
}

async fn connect(front: &Front, host: &str, parameters: &str) -> Result<Session, DbError> {
    Session::connect(
        &spec(&front.url(host, parameters)),
        &SessionOptions::default(),
    )
    .await
}

/// A file in a folder that goes with the test.
struct File(tempfile::TempDir);

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file.pem"), text).unwrap();
        Self(folder)
    }

    fn root(&self, mode: &str) -> String {
        format!("sslmode={mode} sslrootcert={}", self.path().display())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("file.pem")
    }
}

#[tokio::test]
async fn each_mode_against_each_kind_of_server() {
    let authority = Authority::new("authority");
    let identity = authority.issue(&[HOST], HOST, VALID);
    let root = File::new(&authority.pem);
    let modes = [
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full",
    ];
    for (manner, expected) in [
        (
            Manner::Polite,
            ["plain", "plain", "tls", "tls", "tls", "tls"],
        ),
        (
            Manner::Plain,
            [
                "plain",
                "plain",
                "plain",
                "not offered",
                "not offered",
                "not offered",
            ],
        ),
        (
            Manner::OnlyTls,
            ["authentication-failed", "tls", "tls", "tls", "tls", "tls"],
        ),
        (
            Manner::OnlyPlain,
            [
                "plain",
                "plain",
                "plain",
                "authentication-failed",
                "authentication-failed",
                "authentication-failed",
            ],
        ),
    ] {
        let front = Front::new(manner, &identity).await;
        for (mode, expected) in modes.iter().zip(expected) {
            let parameters = match *mode {
                "verify-ca" | "verify-full" => root.root(mode),
                _ => format!("sslmode={mode}"),
            };
            let found = outcome(&front, HOST, &parameters).await;
            assert_eq!(found, expected, "{manner:?} {mode}");
        }
    }
}

#[tokio::test]
async fn who_is_trusted_depends_on_the_root() {
    let authority = Authority::new("authority");
    let root = File::new(&authority.pem);
    let other = File::new(&Authority::new("other").pem);
    let front = Front::new(Manner::Polite, &authority.issue(&[HOST], HOST, VALID)).await;
    for (parameters, expected) in [
        (root.root("verify-full"), "tls"),
        (root.root("verify-ca"), "tls"),
        (other.root("verify-full"), "untrusted"),
        (other.root("verify-ca"), "untrusted"),
        // A root certificate makes `require` check it.
        (root.root("require"), "tls"),
        (other.root("require"), "untrusted"),
        (other.root("prefer"), "tls"),
        ("sslmode=verify-full".to_owned(), "no root"),
        (
            "sslmode=verify-ca sslrootcert=/nowhere/root.crt".to_owned(),
            "no root",
        ),
        ("sslrootcert=system".to_owned(), "untrusted"),
    ] {
        let found = outcome(&front, HOST, &parameters).await;
        // A machine without any roots cannot trust anybody either.
        let found = if found.starts_with("SystemRoots") {
            "untrusted"
        } else {
            &found
        };
        assert_eq!(found, expected, "{parameters}");
    }
    let broken = File::new("no certificate");
    let found = outcome(&front, HOST, &broken.root("verify-ca")).await;
    assert!(found.starts_with("File"), "{found}");
}

#[tokio::test]
async fn only_verify_full_looks_at_the_name() {
    let authority = Authority::new("authority");
    let root = File::new(&authority.pem);
    let front = async |names: &[&str], common_name| {
        let identity = authority.issue(names, common_name, VALID);
        Front::new(Manner::Polite, &identity).await
    };
    let named = front(&["other.example.org"], HOST).await;
    assert_eq!(outcome(&named, HOST, &root.root("verify-ca")).await, "tls");
    // The common name does not count beside other names.
    assert_eq!(
        outcome(&named, HOST, &root.root("verify-full")).await,
        "wrong name"
    );
    assert_eq!(
        outcome(&named, "other.example.org", &root.root("verify-full")).await,
        "tls"
    );
    let common = front(&[], HOST).await;
    assert_eq!(
        outcome(&common, HOST, &root.root("verify-full")).await,
        "tls"
    );
    assert_eq!(
        outcome(&common, "other.example.org", &root.root("verify-full")).await,
        "wrong name"
    );
    let wildcard = front(&["*.example.org"], "x").await;
    assert_eq!(
        outcome(&wildcard, HOST, &root.root("verify-full")).await,
        "tls"
    );
    assert_eq!(
        outcome(&wildcard, "a.db.example.org", &root.root("verify-full")).await,
        "wrong name"
    );
    let address = front(&["127.0.0.1"], "x").await;
    assert_eq!(
        outcome(&address, "127.0.0.1", &root.root("verify-full")).await,
        "tls"
    );
    assert_eq!(
        outcome(&address, HOST, &root.root("verify-full")).await,
        "wrong name"
    );
}

#[tokio::test]
async fn a_certificate_has_its_time() {
    let authority = Authority::new("authority");
    let root = File::new(&authority.pem);
    for years in [(2000, 2010), (2100, 2110)] {
        let identity = authority.issue(&[HOST], HOST, years);
        let front = Front::new(Manner::Polite, &identity).await;
        assert_eq!(
            outcome(&front, HOST, &root.root("verify-ca")).await,
            "expired"
        );
        assert_eq!(outcome(&front, HOST, "sslmode=require").await, "tls");
        let own = self_signed(&[HOST], HOST, years);
        let front = Front::new(Manner::Polite, &own).await;
        let root = File::new(&own.certificate);
        assert_eq!(
            outcome(&front, HOST, &root.root("verify-ca")).await,
            "expired"
        );
    }
}

#[tokio::test]
async fn a_server_can_be_its_own_root() {
    for names in [&[][..], &[HOST]] {
        let own = self_signed(names, HOST, VALID);
        let front = Front::new(Manner::Polite, &own).await;
        let root = File::new(&own.certificate);
        assert_eq!(
            outcome(&front, HOST, &root.root("verify-full")).await,
            "tls"
        );
        let other = "other.example.org";
        assert_eq!(
            outcome(&front, other, &root.root("verify-full")).await,
            "wrong name"
        );
        assert_eq!(outcome(&front, other, &root.root("verify-ca")).await, "tls");
        let impostor = self_signed(names, HOST, VALID);
        let front = Front::new(Manner::Polite, &impostor).await;
        assert_eq!(
            outcome(&front, HOST, &root.root("verify-ca")).await,
            "untrusted"
        );
    }
}

/// The certificates that the server's manual makes with OpenSSL before 3.2: version 1, and the
/// host's name as the common name. Their keys protect nothing.
#[tokio::test]
async fn certificates_of_version_1_are_accepted_from_their_root() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls/version1");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let identity = Identity {
        certificate: read("server.crt"),
        key: read("server.key"),
    };
    let front = Front::new(Manner::Polite, &identity).await;
    let root = File::new(&read("root.crt"));
    let own = File::new(&identity.certificate);
    let other = File::new(&Authority::new("root.example.org").pem);
    for (host, parameters, expected) in [
        (HOST, "sslmode=require".to_owned(), "tls"),
        (HOST, root.root("verify-full"), "tls"),
        ("other.example.org", root.root("verify-full"), "wrong name"),
        ("other.example.org", root.root("verify-ca"), "tls"),
        (HOST, own.root("verify-full"), "tls"),
        // An authority of the same name, and another key.
        (HOST, other.root("verify-ca"), "untrusted"),
    ] {
        assert_eq!(
            outcome(&front, host, &parameters).await,
            expected,
            "{host} {parameters}"
        );
    }
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let authority = Authority::new("authority");
    let front = Front::with_clients(
        Manner::Polite,
        &authority.issue(&[HOST], HOST, VALID),
        Some(&authority),
    )
    .await;
    let client = authority.issue(&["anna"], "anna", VALID);
    let (certificate, key) = (File::new(&client.certificate), File::new(&client.key));
    let with = format!(
        "sslmode=require sslcert={} sslkey={}",
        certificate.path().display(),
        key.path().display()
    );
    assert_eq!(outcome(&front, HOST, &with).await, "tls");
    let without = outcome(&front, HOST, "sslmode=require").await;
    assert_ne!(without, "tls");
    // A handshake that fails is no reason for `prefer` to give up.
    assert_eq!(outcome(&front, HOST, "sslmode=prefer").await, "plain");
    let missing = format!(
        "sslmode=require sslcert=/nowhere sslkey={}",
        key.path().display()
    );
    let found = outcome(&front, HOST, &missing).await;
    assert!(found.starts_with("File"), "{found}");
}

#[tokio::test]
async fn tls_can_begin_at_once() {
    let identity = Authority::new("authority").issue(&[HOST], HOST, VALID);
    let front = Front::new(Manner::Direct, &identity).await;
    let parameters = "sslmode=require sslnegotiation=direct";
    assert_eq!(outcome(&front, HOST, parameters).await, "tls");
}

#[tokio::test]
async fn a_cancel_request_is_encrypted_too() {
    let identity = Authority::new("authority").issue(&[HOST], HOST, VALID);
    for (manner, parameters) in [
        (Manner::Polite, "sslmode=require"),
        (Manner::Direct, "sslmode=require sslnegotiation=direct"),
        (Manner::OnlyPlain, "sslmode=prefer"),
    ] {
        let front = Front::new(manner, &identity).await;
        let session = connect(&front, HOST, parameters).await.unwrap();
        let handle = session.cancel_handle();
        let (result, ()) = tokio::join!(session.batch("select pg_sleep(60)"), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            handle.cancel().await.unwrap();
        });
        assert_eq!(
            result.unwrap_err().server().unwrap().sqlstate.as_str(),
            "57014"
        );
    }
}

#[tokio::test]
async fn what_is_no_server_is_told_from_one_that_is_silent() {
    let identity = Authority::new("authority").issue(&[HOST], HOST, VALID);
    let failure = async |manner, parameters: &str| {
        let front = Front::new(manner, &identity).await;
        let options = SessionOptions {
            connect_timeout: Some(Duration::from_millis(200)),
            ..SessionOptions::default()
        };
        let error = Session::connect(&spec(&front.url(HOST, parameters)), &options).await;
        let DbError::Unreachable { mut attempts } = error.unwrap_err() else {
            panic!("reached");
        };
        attempts.remove(0).failure
    };
    for parameters in ["sslmode=disable", "sslmode=prefer", "sslmode=require"] {
        let foreign = failure(Manner::Foreign, parameters).await;
        assert!(matches!(foreign, Unreachable::HungUp { .. }), "{foreign:?}");
        let silent = failure(Manner::Silent, parameters).await;
        assert_eq!(silent, Unreachable::TimedOut { after_ms: 200 });
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses_and_the_next_host_is_tried() {
    let identity = Authority::new("authority").issue(&[HOST], HOST, VALID);
    let front = Front::new(Manner::Polite, &identity).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let text = front
        .url(HOST, "")
        .replace("hostaddr=", "hostaddr=127.0.0.1,")
        .replace("host=db", "host=first,db")
        .replace("port=", &format!("port={port},"));
    let session = Session::connect(&spec(&text), &SessionOptions::default())
        .await
        .unwrap();
    assert_eq!(session.endpoint(), &spec(&text).endpoints()[1]);
    let alone = format!("host=127.0.0.1 port={port} user=anna");
    let error = Session::connect(&spec(&alone), &SessionOptions::default()).await;
    let DbError::Unreachable { attempts } = error.unwrap_err() else {
        panic!("reached");
    };
    assert_eq!(attempts[0].failure, Unreachable::Refused);
}
