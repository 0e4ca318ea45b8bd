//! The words of why policy tests do not run.

use super::db::server_facts;
use super::words::NOTHING;
use crate::config::CONFIG_NAME;
use crate::db::{ServerError, SqlState};
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::NoTests;
use crate::render::words::plural;
use crate::render::{Description, Exit};

const ROLLED_BACK: &str = "rolled back: nothing of it is in the database";

pub(super) fn production(code: &'static str, command: &str) -> Description {
    let message =
        format!("`{command}` tries things out, and this database is marked as production");
    Description::new(code, Exit::Refused, message)
        .outcome(NOTHING)
        .hint(format!(
            "on another database: `grace-migrate --url <url> {command}`"
        ))
        .hint(format!(
            "if people do not rely on it: `production = false` in `{CONFIG_NAME}`"
        ))
}

pub(super) fn invalid(code: &'static str, findings: &[Diagnostic]) -> Description {
    let message = match findings.len() {
        1 => "the policy tests have a defect".to_owned(),
        n => format!("the policy tests have {}", plural(n, "defect", "defects")),
    };
    Description::new(code, Exit::Refused, message)
        .findings(findings.iter().cloned())
        .outcome(NOTHING)
        .hint("how they are written: `grace-migrate rls test --help`")
}

pub(super) fn none(code: &'static str, reason: &NoTests) -> Description {
    let said = |message: String| Description::new(code, Exit::Refused, message);
    let searched = |described: Description, searched: &[std::path::PathBuf]| {
        searched.iter().fold(described, |described, path| {
            described.fact(["searched", &path.display().to_string()])
        })
    };
    match reason {
        NoTests::Files { searched: folders } => {
            searched(said("there is no file of policy tests".to_owned()), folders)
                .hint("write one, `notes.test.sql` say: `grace-migrate rls test --help`")
                .hint(format!(
                    "or name another folder: `tests` of [rls] in `{CONFIG_NAME}`"
                ))
        }
        NoTests::Tests { searched: files } => searched(
            said("no statement of the files expects anything".to_owned()),
            files,
        )
        .hint("write `-- expect: …` above one: `grace-migrate rls test --help`"),
        NoTests::Filtered { filter, tests } => {
            said(format!("no test has `{filter}` in its name")).fact(["tests", &tests.to_string()])
        }
        .hint("see their names: `grace-migrate rls test --list`"),
    }
}

pub(super) fn fixtures(code: &'static str, place: &Place, error: &ServerError) -> Description {
    let message = format!("the rows for the tests cannot be made: {}", error.message);
    server_facts(
        Description::new(code, Exit::Refused, message).at(Some(place.clone())),
        error,
    )
    .outcome(ROLLED_BACK)
}

pub(super) fn cannot_become(
    code: &'static str,
    actor: &str,
    role: &str,
    error: &ServerError,
) -> Description {
    let message = format!("the session cannot become `{actor}`: {}", error.message);
    let described = server_facts(
        Description::new(code, Exit::Refused, message).fact(["role", role]),
        error,
    )
    .outcome(ROLLED_BACK);
    let role = crate::sql::quote_ident(role);
    if error.sqlstate == SqlState::INSUFFICIENT_PRIVILEGE {
        described.hint(format!(
            "let the role that migrates become it: `grant {role} to <role>`"
        ))
    } else {
        described
            .hint(format!("make the role: `create role {role}`"))
            .hint("or give the actor another: `role` in the file of the actors")
    }
}
