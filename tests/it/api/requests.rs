//! Requests that a public tool makes from the OpenAPI document: valid ones, invalid ones, and chains of
//! them.

use std::process::Command;

use super::serve::ApiServer;
use super::world::{OLGA, SERVICE_KEY, World, token_of};
use crate::support::Output;

/// What the tool holds answers to: no 500, no status, header, media type or body that is not in the
/// document, and nothing accepted that the document does not allow. That everything is accepted which
/// the document allows is left out: a session that ends before it starts is more than a schema can say.
const LEFT_OUT: &str = "positive_data_acceptance";

fn tool() -> String {
    #[expect(clippy::disallowed_methods, reason = "where the tests' own tool is")]
    let path = std::env::var("GRACE_TEST_SCHEMATHESIS");
    path.expect("GRACE_TEST_SCHEMATHESIS names the program of schemathesis")
}

/// A request that is wrong in two ways may be told of either: that `If-Match` names another state comes
/// before a value that cannot be.
const SETTINGS: &str = "[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429]
";

fn asked(server: &ApiServer, authorization: &str, which: [&str; 2]) -> Output {
    let document = format!("http://{}/openapi.json", server.address);
    server.project.write("schemathesis.toml", SETTINGS);
    let mut command = Command::new(tool());
    command
        .current_dir(server.project.path())
        .args(["run", &document, "--header"])
        .arg(format!("Authorization: Bearer {authorization}"))
        .args(which)
        .args(["--exclude-path", "/metrics"])
        .args(["--exclude-checks", LEFT_OUT])
        // The same requests each time: a find of another day is no reason to stop somebody's work.
        .args([
            "--seed",
            "20261128",
            "--max-examples",
            "25",
            "--continue-on-failure",
        ]);
    Output::of(&mut command)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, which `.ci/run` installs"]
async fn made_from_the_document_find_nothing_that_it_does_not_say() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    asked(&server, &token_of(OLGA), ["--exclude-tag", "service"]).success();
    asked(&server, SERVICE_KEY, ["--include-tag", "service"]).success();
    let log = server.log();
    assert!(!log.contains("ERROR"), "{log}");
}
