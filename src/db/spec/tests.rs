//! Connection strings as libpq reads them.

use super::*;

fn around(variables: &[(&str, &str)]) -> Surroundings {
    Surroundings {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        user: Some("osuser".to_owned()),
        home: None,
    }
}

fn spec(text: &str) -> ConnectSpec {
    ConnectSpec::parse(text, &around(&[])).unwrap_or_else(|defect| panic!("{text}: {defect:?}"))
}

fn defect(text: &str) -> UrlDefect {
    ConnectSpec::parse(text, &around(&[])).expect_err(text)
}

/// `user host:port,host:port/database`, and what else was asked for.
fn read(text: &str) -> String {
    let spec = spec(text);
    let endpoints: Vec<String> = spec.endpoints().iter().map(ToString::to_string).collect();
    format!(
        "{} {} {}",
        spec.user(),
        endpoints.join(","),
        spec.database()
    )
}

fn password(spec: &ConnectSpec) -> Option<String> {
    let secret = spec.password_for(&spec.endpoints()[0]).unwrap();
    secret.map(|secret| secret.expose().to_owned())
}

#[test]
fn urls_are_read_as_libpq_reads_them() {
    for (text, expected) in [
        (
            "postgres://anna@db.example.org/app",
            "anna db.example.org:5432 app",
        ),
        ("postgresql://db:5433/app", "osuser db:5433 app"),
        ("postgres://anna:pw@db", "anna db:5432 anna"),
        ("postgres://a:1,b:2,c/app", "osuser a:1,b:2,c:5432 app"),
        ("postgres://[::1]:5433/app", "osuser [::1]:5433 app"),
        (
            "postgres://[2001:db8::1],b/app",
            "osuser [2001:db8::1]:5432,b:5432 app",
        ),
        (
            "postgres:///app?host=/run/pg",
            "osuser /run/pg/.s.PGSQL.5432 app",
        ),
        (
            "postgres:///app?host=/run/pg&port=6000",
            "osuser /run/pg/.s.PGSQL.6000 app",
        ),
        (
            "postgres://%2Frun%2Fpg:6000/app",
            "osuser /run/pg/.s.PGSQL.6000 app",
        ),
        ("postgres://an%40na:p%2Fw@h/a%20b%2Fc", "an@na h:5432 a b/c"),
        (
            "postgres://h/app?user=anna&dbname=other",
            "anna h:5432 other",
        ),
        ("postgres://h/?dbname=other", "osuser h:5432 other"),
        ("postgres://anna:p:w@h/app", "anna h:5432 app"),
        ("  postgres://h/app\n", "osuser h:5432 app"),
        ("host=h dbname=app user=anna", "anna h:5432 app"),
        (
            "host = h  port=1 dbname = 'a b' user='an\\'na'",
            "an'na h:1 a b",
        ),
        ("host=a,b port=1 dbname=app", "osuser a:1,b:1 app"),
        ("host=a,b port=1,2 dbname=app", "osuser a:1,b:2 app"),
        ("host=a hostaddr=10.0.0.1 dbname=app", "osuser a:5432 app"),
        ("hostaddr=10.0.0.1 dbname=app", "osuser 10.0.0.1:5432 app"),
        (
            "host=/run/a,b dbname=app",
            "osuser /run/a/.s.PGSQL.5432,b:5432 app",
        ),
        ("host=h host=later dbname=a\\ b", "osuser later:5432 a b"),
        ("host=h user='' password=", "osuser h:5432 osuser"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn passwords_are_taken_and_shown_nowhere() {
    for text in [
        "postgres://anna:s3cr3t@h/app",
        "postgres://anna@h/app?password=s3cr3t",
        "host=h user=anna password=s3cr3t dbname=app",
        "host=h user=anna password='s3cr3t' dbname=app",
        "postgres://anna:s3cr%33t@h/app",
    ] {
        let spec = spec(text);
        assert_eq!(password(&spec).as_deref(), Some("s3cr3t"), "{text}");
        assert_eq!(spec.redacted(), "postgres://anna:***@h:5432/app");
        assert!(!format!("{spec:?}").contains("s3cr"), "{spec:?}");
        assert_eq!(
            spec.with_database("oth er").to_string(),
            "postgres://anna:***@h:5432/oth%20er"
        );
    }
}

#[test]
fn a_defect_never_holds_a_part_of_a_password() {
    for text in [
        "postgres://anna:s3cr@3t@h/app",
        "postgres://anna:s3cr/3t@h/app",
        "postgres://anna:s3cr?3t/x@h/app",
        "postgres://anna:s3cr%zz3t@h/app",
        "postgres://anna:s3cr3t",
        "postgres://anna:s3cr3t/app",
        "postgres://anna:s3cr/3t",
        "postgres://anna@h/app?password=s3cr&3t=x",
        "postgres://anna@h/app?password=s3cr&3t",
        "postgres://anna@h/app?password=s3cr=3t",
        "host=h password=a s3cr3t=x",
        "host=h password=a s3cr3t",
        "host=h password='s3cr3t",
        "host=h password=s3cr3t port=x",
        "host=h password=s3cr3t sslmode=x",
        "s3cr3t",
    ] {
        let result = ConnectSpec::parse(text, &around(&[]));
        let Err(defect) = result else {
            panic!("{text} was accepted");
        };
        let shown = format!("{defect:?} {defect}");
        assert!(!shown.contains("3cr"), "{text}: {shown}");
        assert!(!shown.contains("3t"), "{text}: {shown}");
    }
}

#[test]
fn an_unescaped_character_is_named_with_its_escape() {
    let unescaped = |character, escape| UrlDefect::Unescaped { character, escape };
    for text in [
        "postgres://anna:p@ss@h/app",
        "postgres://anna:@@h/app",
        "host=anna@h dbname=app",
    ] {
        assert_eq!(defect(text), unescaped('@', "%40"), "{text}");
    }
    for text in [
        "postgres://anna:p/ss@h/app",
        "postgres://anna:1/ss@h/app",
        "postgres://anna:p/ss@h",
    ] {
        assert_eq!(defect(text), unescaped('/', "%2F"), "{text}");
    }
    // libpq takes this one; what follows a `?` is too often meant as parameters.
    assert_eq!(defect("postgres://anna:p?ss@h"), unescaped('?', "%3F"));
}

#[test]
fn what_is_broken_is_named() {
    assert_eq!(defect("app"), UrlDefect::NotAConnectionString);
    assert_eq!(
        defect("mysql://h/app"),
        UrlDefect::Scheme {
            scheme: "mysql".to_owned()
        }
    );
    assert_eq!(
        defect("jdbc:postgresql://h/app"),
        UrlDefect::Scheme {
            scheme: "jdbc:postgresql".to_owned()
        }
    );
    assert_eq!(defect("postgres://[::1/app"), UrlDefect::Brackets);
    assert_eq!(defect("postgres://[::1]x/app"), UrlDefect::Brackets);
    assert_eq!(
        defect("postgres://h/app?sslmode"),
        UrlDefect::ParameterShape { number: 1 }
    );
    assert_eq!(
        defect("postgres://h/app?sslmod=require"),
        UrlDefect::UnknownParameter {
            name: Some("sslmod".to_owned()),
            nearest: Some("sslmode")
        }
    );
    assert_eq!(
        defect("host=h database=app"),
        UrlDefect::UnknownParameter {
            name: Some("database".to_owned()),
            nearest: None
        }
    );
    assert_eq!(
        defect("host=h port"),
        UrlDefect::KeywordShape {
            character: 8,
            what: KeywordDefect::MissingEquals
        }
    );
    assert_eq!(
        defect("host='h"),
        UrlDefect::KeywordShape {
            character: 1,
            what: KeywordDefect::UnterminatedQuote
        }
    );
    assert!(matches!(
        defect("host=h sslcrl=x"),
        UrlDefect::Unsupported { name: "sslcrl", .. }
    ));
    for (text, name) in [
        ("postgres://h:0/app", "port"),
        ("postgres://h:65536/app", "port"),
        ("host=h hostaddr=h", "hostaddr"),
        ("host=h sslmode=on", "sslmode"),
        ("host=h connect_timeout=soon", "connect_timeout"),
        ("host=h target_session_attrs=master", "target_session_attrs"),
        ("host=h channel_binding=x", "channel_binding"),
        ("host=h pgbouncer=x", "pgbouncer"),
        ("host=h sslnegotiation=direct", "sslmode"),
    ] {
        assert!(
            matches!(defect(text), UrlDefect::Value { name: found, .. } if found == name),
            "{text}"
        );
    }
    assert_eq!(
        defect("host=a,b port=1,2,3"),
        UrlDefect::ListLength {
            name: "port",
            count: 3,
            hosts: 2
        }
    );
    assert_eq!(
        defect("host=a,b hostaddr=10.0.0.1"),
        UrlDefect::ListLength {
            name: "hostaddr",
            count: 1,
            hosts: 2
        }
    );
    let nobody = Surroundings::default();
    assert_eq!(
        ConnectSpec::parse("host=h", &nobody),
        Err(UrlDefect::NoUser)
    );
}

#[test]
fn the_environment_fills_what_is_left_out() {
    let around = around(&[
        ("PGHOST", "envhost"),
        ("PGPORT", "7"),
        ("PGUSER", "envuser"),
        ("PGDATABASE", "envdb"),
        ("PGPASSWORD", "envpw"),
        ("PGSSLMODE", "require"),
        ("PGCONNECT_TIMEOUT", "1"),
        ("PGAPPNAME", ""),
        ("PATH", "/bin"),
    ]);
    let spec = ConnectSpec::parse("", &around).unwrap();
    assert_eq!(
        spec.to_string(),
        "postgres://envuser:***@envhost:7/envdb?sslmode=require"
    );
    assert_eq!(password(&spec).as_deref(), Some("envpw"));
    assert_eq!(
        spec.connect_timeout,
        Some(std::time::Duration::from_secs(2))
    );
    assert_eq!(spec.application_name, None);
    let spec = ConnectSpec::parse("postgres://anna:pw@h:8/app?sslmode=disable", &around).unwrap();
    assert_eq!(
        spec.to_string(),
        "postgres://anna:***@h:8/app?sslmode=disable"
    );
    assert_eq!(password(&spec).as_deref(), Some("pw"));
}

#[test]
fn a_service_stands_between_the_string_and_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(".pg_service.conf"),
        "[app]\nhost=svc\nport=9\ndbname=svcdb\npassword=svcpw\n",
    )
    .unwrap();
    let around = Surroundings {
        home: Some(folder.path().to_owned()),
        ..around(&[
            ("PGSERVICE", "app"),
            ("PGHOST", "envhost"),
            ("PGUSER", "envuser"),
        ])
    };
    let spec = ConnectSpec::parse("dbname=mine", &around).unwrap();
    assert_eq!(spec.to_string(), "postgres://envuser:***@svc:9/mine");
}

#[cfg(unix)]
#[test]
fn the_password_file_is_asked_for_each_server_and_database() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".pgpass");
    let text = "a:5432:app:anna:one\nb:*:*:anna:two\nlocalhost:*:*:anna:three\n/run/x:*:*:*:four\n";
    std::fs::write(&path, text).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
    mode(0o600).unwrap();
    let around = Surroundings {
        home: Some(folder.path().to_owned()),
        ..around(&[])
    };
    let spec = |text| ConnectSpec::parse(text, &around).unwrap();
    let two = spec("host=a,b user=anna dbname=app");
    let found: Vec<Option<String>> = two
        .endpoints()
        .iter()
        .map(|endpoint| two.password_for(endpoint).unwrap())
        .map(|secret| secret.map(|secret| secret.expose().to_owned()))
        .collect();
    assert_eq!(found, [Some("one".to_owned()), Some("two".to_owned())]);
    assert_eq!(password(&two.with_database("other")), None);
    assert_eq!(
        password(&spec("host=/tmp user=anna")).as_deref(),
        Some("three")
    );
    assert_eq!(
        password(&spec("host=/run/x user=anna")).as_deref(),
        Some("four")
    );
    assert_eq!(
        password(&spec("host=b user=anna password=x")).as_deref(),
        Some("x")
    );
    mode(0o640).unwrap();
    assert!(matches!(
        two.password_for(&two.endpoints()[0]),
        Err(PassfileIgnored::Permissions { mode: 0o640, .. })
    ));
}

#[test]
fn modes_of_tls_follow_libpq() {
    let tls = |text| spec(text).tls;
    assert_eq!(tls("host=h").mode, SslMode::Prefer);
    assert_eq!(tls("postgres://h/app?ssl=true").mode, SslMode::Require);
    assert_eq!(tls("host=h sslrootcert=system").mode, SslMode::VerifyFull);
    assert_eq!(
        tls("host=h sslmode=require sslrootcert=/r").mode,
        SslMode::VerifyCa
    );
    assert_eq!(
        tls("host=h sslmode=prefer sslrootcert=/r").mode,
        SslMode::Prefer
    );
    assert!(tls("host=h sslmode=require sslnegotiation=direct").direct);
    assert!(tls("host=h ssl_min_protocol_version=TLSv1.3").only_1_3);
    assert_eq!(
        defect("host=h sslmode=verify-ca sslrootcert=system"),
        UrlDefect::WeakSslMode { mode: "verify-ca" }
    );
    assert_eq!(
        spec("host=h sslmode=verify-full sslrootcert=/a/r.crt").to_string(),
        "postgres://osuser@h:5432/osuser?sslmode=verify-full&sslrootcert=/a/r.crt"
    );
}

#[test]
fn what_is_shown_is_read_back_as_the_same() {
    for text in [
        "postgres://anna@h/app",
        "postgres://anna@[::1]:5433/app?target_session_attrs=read-write",
        "postgres://anna@%2Frun%2Fpg/app",
        "postgres://anna@/app?host=/run/a%20b&port=6000",
        "postgres://an%2Fna@a:1,%2Frun%2Fpg:2,b:3/a%3Fpp?sslmode=verify-ca&sslrootcert=/r%26",
    ] {
        let first = spec(text);
        assert_eq!(spec(&first.to_string()), first, "{text} as {first}");
    }
}

#[test]
fn parts_are_for_display() {
    let parts = spec("postgres://anna:pw@a:1,b:1/app").parts();
    assert_eq!(
        parts,
        Parts {
            host: "a,b".to_owned(),
            port: "1".to_owned(),
            database: "app".to_owned(),
            user: "anna".to_owned(),
        }
    );
    assert_eq!(spec("postgres:///app?host=/run/pg").parts().host, "/run/pg");
}

#[test]
fn signs_of_a_transaction_pooler_are_seen() {
    let host = |host: &str| {
        Some(PoolerSign::Host {
            host: host.to_owned(),
        })
    };
    for (text, sign) in [
        ("postgres://h:5432/app", None),
        ("postgres:///app?host=/run/pg&port=6543", None),
        (
            "postgres://aws-0-eu.pooler.supabase.com:6543/app",
            Some(PoolerSign::Port {
                host: "aws-0-eu.pooler.supabase.com".to_owned(),
            }),
        ),
        ("postgres://aws-0-eu.pooler.supabase.com:5432/app", None),
        (
            "postgres://ep-cool-1-POOLER.eu.aws.neon.tech/app",
            host("ep-cool-1-POOLER.eu.aws.neon.tech"),
        ),
        ("postgres://a,x-pooler.b/app", host("x-pooler.b")),
        (
            "postgres://h/app?pgbouncer=true",
            Some(PoolerSign::Parameter),
        ),
        ("postgres://h/app?pgbouncer=false", None),
    ] {
        assert_eq!(spec(text).pooler_sign(), sign, "{text}");
    }
}

#[test]
fn every_parameter_of_libpq_is_known() {
    let known = "service user password passfile channel_binding connect_timeout dbname host \
                 hostaddr port client_encoding options application_name \
                 fallback_application_name keepalives keepalives_idle keepalives_interval \
                 keepalives_count tcp_user_timeout sslmode sslnegotiation sslcompression sslcert \
                 sslkey sslcertmode sslpassword sslrootcert sslcrl sslcrldir sslsni requirepeer \
                 require_auth min_protocol_version max_protocol_version ssl_min_protocol_version \
                 ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation replication \
                 target_session_attrs load_balance_hosts";
    for name in known.split_whitespace() {
        // An empty value counts as absent, so that only the name is looked at.
        let text = format!("{name}=''");
        let result = ConnectSpec::parse(&text, &around(&[]));
        assert!(result.is_ok(), "{name}: {result:?}");
    }
}
