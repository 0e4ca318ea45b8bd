//! The program at the terminal: its pages, its settings, and the embedded server out of the box.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grace_migrate::api::token::{Secret, TokenSettings, Verifier};
use grace_migrate::clock::Clock;

use super::http::Ask;
use super::serve::{Start, api_command};
use super::world::{ISSUER, PROJECT, SECRET, SERVICE_KEY, project};
use crate::support::{Output, Project, settings};

fn run(project: &Project, arguments: &[&str]) -> Output {
    Output::of(api_command(project).args(arguments))
}

#[test]
fn help_and_misuse() {
    let project = Project::new();
    let mut all = String::new();
    for arguments in [
        &["--help"][..],
        &["token", "--help"],
        &["login-role", "--help"],
        &["openapi", "--help"],
        &["--no-such-flag"],
        &["token"],
        &["token", "--sub", "olga"],
        &["--port", "66000"],
        &["serve"],
    ] {
        let output = run(&project, arguments);
        all.push_str(&format!("== grace-api {}\n{output}\n", arguments.join(" ")));
    }
    settings().bind(|| insta::assert_snapshot!("help", all));
}

#[test]
fn the_document_is_the_one_that_is_served() {
    let output = run(&Project::new(), &["openapi"]).success();
    let document = output.json();
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut operations = String::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let statuses: Vec<&String> =
                operation["responses"].as_object().unwrap().keys().collect();
            operations.push_str(&format!("{} {path} {statuses:?}\n", method.to_uppercase()));
        }
    }
    insta::assert_snapshot!("openapi", operations);
}

#[test]
fn settings_are_checked_before_anything_is_served() {
    let good = |start: Start| {
        start
            .variable("SUPABASE_URL", PROJECT)
            .variable("SUPABASE_JWT_SECRET", SECRET)
            .variable("DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    };
    let check = || good(Start::nowhere().flag("--check"));
    let sound = check().refused();
    assert_eq!(sound.code, Some(0), "{sound}");
    assert_eq!(sound.stderr, "the settings are sound\n");
    let mut all = String::new();
    for (what, start) in [
        ("nothing is said", Start::nowhere().flag("--check")),
        (
            "no project",
            Start::nowhere()
                .flag("--check")
                .variable("DATABASE_URL", "postgresql://x@127.0.0.1:1/x"),
        ),
        (
            "a short secret",
            check().variable("SUPABASE_JWT_SECRET", "short"),
        ),
        (
            "a public secret",
            check().variable(
                "SUPABASE_JWT_SECRET",
                "sb_publishable_0123456789012345678901",
            ),
        ),
        (
            "a short key",
            check().variable("SUPABASE_SERVICE_ROLE_KEY", "short"),
        ),
        (
            "plain http",
            check().variable("SUPABASE_URL", "http://project.example.org"),
        ),
        ("a pool size", check().with("--pool-size", "many")),
        ("no pool", check().with("--pool-size", "0")),
        ("a time", check().with("--request-timeout", "0")),
        (
            "a statement that outlasts its request",
            check()
                .with("--request-timeout", "5s")
                .with("--statement-timeout", "6s"),
        ),
        (
            "a truth",
            check().variable("GRACE_API_ALLOW_NEWER_SCHEMA", "yes"),
        ),
        (
            "a variable",
            check().variable("GRACE_API_RATE_PER_SUBJECT", "-1"),
        ),
        ("every origin", check().with("--cors-origin", "*")),
        (
            "a path in an origin",
            check().with("--cors-origin", "https://a.example/b"),
        ),
        (
            "an address",
            check().variable("GRACE_API_HOST", "localhost"),
        ),
        ("a log", check().variable("GRACE_API_LOG_FORMAT", "xml")),
        (
            "lines of the log",
            check().variable("GRACE_API_LOG", "loud"),
        ),
        (
            "a level of a part",
            check().variable("GRACE_API_LOG", "warn,tower_http=loud"),
        ),
        ("no such file", check().with("--env-file", "missing.env")),
        (
            "a URL",
            check().variable("GRACE_API_DATABASE_URL", "postgresql://x:s3cret@[::1/x"),
        ),
    ] {
        let output = start.refused();
        assert_ne!(output.code, Some(0), "{what}: {output}");
        let folder = start.project.path();
        let said = output
            .to_string()
            .replace(folder.to_str().unwrap(), "[project]");
        all.push_str(&format!("== {what}\n{said}\n"));
    }
    for secret in [SECRET, SERVICE_KEY, "s3cret"] {
        assert!(!all.contains(secret), "{all}");
    }
    settings().bind(|| insta::assert_snapshot!("settings", all));
}

#[test]
fn the_environment_goes_before_the_file_and_flags_before_both() {
    let start = || {
        let start = Start::nowhere().flag("--check");
        // As it lies in a project: read in development without being asked for.
        start.project.write(
            ".env",
            format!(
                "SUPABASE_URL={PROJECT}\nSUPABASE_JWT_SECRET='{SECRET}'\n\
                 DATABASE_URL=postgresql://x@127.0.0.1:1/x\nGRACE_API_POOL_SIZE=file\n"
            ),
        );
        start
    };
    let file = start().refused();
    assert!(file.stderr.contains("`file`"), "{file}");
    let variable = start()
        .variable("GRACE_API_POOL_SIZE", "variable")
        .refused();
    assert!(variable.stderr.contains("`variable`"), "{variable}");
    let flag = start()
        .variable("GRACE_API_POOL_SIZE", "variable")
        .with("--pool-size", "7")
        .refused();
    assert_eq!(flag.code, Some(0), "{flag}");
    let other = start();
    other.project.write("other.env", "GRACE_API_POOL_SIZE=3\n");
    let other = other.with("--env-file", "other.env").refused();
    // It takes the place of `.env`, which is not read any more.
    assert!(
        other.stderr.contains("nothing says where the database is"),
        "{other}"
    );
    // A broken line is told of without what stands in it.
    let broken = start();
    broken
        .project
        .write(".env", "SUPABASE_JWT_SECRET=\"s3cret\n");
    let broken = broken.refused();
    assert_eq!(broken.code, Some(2), "{broken}");
    assert!(!broken.stderr.contains("s3cret"), "{broken}");
}

#[test]
fn a_port_that_is_taken_is_told_of() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let project = Project::new();
    let mut command = api_command(&project);
    command.args(["--no-reload", "--port", &port]);
    command.args(["--database-url", "postgresql://x@127.0.0.1:1/x"]);
    command.envs([("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", SECRET)]);
    let output = Output::of(&mut command);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stderr.contains("error[bind]"), "{output}");
}

#[test]
fn tokens_are_made_for_the_embedded_server_alone() {
    let project = Project::new();
    let sub = "00000000-0000-4000-8000-000000000001";
    let mut command = api_command(&project);
    command.args(["token", "--sub", sub]);
    command.args(["--database-url", "postgresql://x@127.0.0.1:1/x"]);
    command.envs([("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", SECRET)]);
    let output = Output::of(&mut command);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("error[no-development]"), "{output}");
    assert_eq!(output.stdout, "");
}

#[test]
fn a_token_is_signed_with_what_the_server_verifies_it_by_or_not_made() {
    let project = project("embedded");
    let token = |variables: &[(&str, &str)], which: &[&str]| {
        let mut command = api_command(&project);
        command.arg("token").args(which);
        command.envs(variables.iter().copied());
        Output::of(&mut command)
    };
    let sub = ["--sub", "00000000-0000-4000-8000-000000000001"];
    let issuer = |output: &Output| {
        let claims = output.stdout.split('.').nth(1).expect("claims").to_owned();
        let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        claims["iss"].as_str().unwrap().to_owned()
    };
    let development = token(&[], &sub).success();
    assert_eq!(issuer(&development), "grace-api-development");
    // The project's issuer and secret, as the server has it.
    let both = [("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", SECRET)];
    let of_project = token(&both, &sub).success();
    assert_eq!(issuer(&of_project), ISSUER);
    let secret = Secret::new(SECRET);
    let by = TokenSettings {
        secret: Some(secret),
        ..TokenSettings::of_project(PROJECT)
    };
    let verifier = Verifier::new(by, Clock::System).unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let verified = |output: &Output| {
        runtime
            .block_on(verifier.verify(output.stdout.trim()))
            .is_ok()
    };
    assert!(verified(&of_project));
    assert!(!verified(&development));
    let mut all = String::new();
    for (what, variables, which) in [
        ("a project alone", &both[..1], &sub[..]),
        (
            "a service key",
            &[("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)],
            &["--service"],
        ),
    ] {
        let output = token(variables, which);
        all.push_str(&format!("== {what}\n{output}\n"));
    }
    settings().bind(|| insta::assert_snapshot!("token_refused", all));
    token(&both, &["--service"]).success();
}

#[tokio::test]
async fn the_embedded_server_works_out_of_the_box() {
    let mut start = Start::nowhere();
    // GRACE's project as it is checked out.
    start.project = project("embedded");
    let early = start.refused();
    assert_ne!(early.code, Some(0), "{early}");
    assert!(early.stderr.contains("error[no-revisions]"), "{early}");
    assert!(early.stderr.contains("grace-migrate upgrade"), "{early}");
    start.project.grace(["upgrade"]).success();
    let sub = "11111111-1111-4111-8111-111111111111";
    let mut server = start.serve().await;
    let token = run(&server.project, &["token", "--sub", sub]).success();
    let token = token.stdout.trim().to_owned();
    let asked = server
        .ask(&Ask::get("/profile").token(&token))
        .await
        .is(404);
    assert_eq!(asked.problem(), "not-found");
    let service = run(&server.project, &["token", "--service"]).success();
    let service = service.stdout.trim().to_owned();
    let new = Ask::new("POST", "/admin/profiles").token(&service);
    let body = format!(r#"{{"id":"{sub}","email":"me@example.org","full_name":"Me"}}"#);
    server.ask(&new.json(&body)).await.is(201);
    let own = server
        .ask(&Ask::get("/profile").token(&token))
        .await
        .is(200);
    assert_eq!(own.json()["full_name"], "Me");
    assert_eq!(server.readiness().await, (200, String::new()));
    // A token that has run out, and one of another project's.
    let short = run(
        &server.project,
        &["token", "--sub", sub, "--lifetime", "0s"],
    );
    assert!(short.code.is_some());
    let other = super::world::token_of(sub);
    server
        .ask(&Ask::get("/profile").token(&other))
        .await
        .is(401);
    // The keys are for nobody else to read, and not for version control.
    let folder = server.project.path().join(".grace");
    for name in ["api-secret", "api-service-key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(Path::new(&folder.join(".gitignore")).is_file());
    server.signal("-TERM");
    assert_eq!(server.code().await, Some(0), "{}", server.log());
    // The next one makes no new logins, and takes the same tokens.
    let mut again = Start::nowhere();
    again.project = server.project;
    let again = again.serve().await;
    again.ask(&Ask::get("/profile").token(&token)).await.is(200);
}
