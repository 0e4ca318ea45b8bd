use serde_json::json;

use super::github;
use crate::diagnostic::Diagnostic;
use crate::migrator::Error;
use crate::migrator::report::CheckFinding;
use crate::render::describe::describe;
use crate::render::sarif::log_of;
use crate::render::xml::escaped;

/// Why nothing could be checked, as GitHub's workflow command.
#[must_use]
pub fn check_stopped_github(error: &Error) -> String {
    github::command(&CheckFinding {
        finding: finding(error),
        difference: None,
        output: None,
    })
}

/// The same as SARIF 2.1.0: a run that did not succeed, without results.
#[must_use]
pub fn check_stopped_sarif(error: &Error) -> String {
    let said = finding(error);
    let invocation = json!({
        "executionSuccessful": false,
        "toolExecutionNotifications": [{
            "descriptor": { "id": said.code },
            "level": "error",
            "message": { "text": said.message },
        }],
    });
    log_of(&[], &[], Some(&invocation))
}

/// The same as JUnit XML: one test, which could not be run.
#[must_use]
pub fn check_stopped_junit(error: &Error) -> String {
    let said = finding(error);
    let counts = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\"";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"grace-migrate check\" {counts}>\n  \
         <testsuite name=\"check\" {counts}>\n    \
         <testcase classname=\"check\" name=\"it can be checked\" time=\"0.000\">\n      \
         <error type=\"{}\" message=\"{}\"/>\n    </testcase>\n  </testsuite>\n</testsuites>\n",
        escaped(said.code),
        escaped(&said.message)
    )
}

fn finding(error: &Error) -> Diagnostic {
    let described = describe(error, "check");
    Diagnostic {
        place: described.place,
        help: described.hints.into_iter().next(),
        ..Diagnostic::error(error.code(), described.message)
    }
}
