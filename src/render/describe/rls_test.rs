//! The words of why policy tests do not run.

use std::path::PathBuf;

use super::db::server_facts;
use super::words::NOTHING;
use crate::config::CONFIG_NAME;
use crate::db::SqlState;
use crate::migrator::PolicyTestError;
use crate::render::words::plural;
use crate::render::{Description, Exit};
use crate::sql::quote_ident;

const ROLLED_BACK: &str = "rolled back: nothing of it is in the database";

/// Says what is wrong: nothing stays in any of these cases.
pub(super) fn describe(error: &PolicyTestError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        PolicyTestError::Production { origin } => {
            said("the database is marked as production, and nothing is tried out in one".to_owned())
                .fact(["marked by", &origin.to_string()])
                .outcome(NOTHING)
                .hint(
                    "try it on another: a `[destination.<name>]` with `production = false`, and \
             `--name <name>`",
                )
        }
        PolicyTestError::Invalid { findings } => said(match findings.len() {
            1 => "the policy tests have a defect".to_owned(),
            n => format!("the policy tests have {}", plural(n, "defect", "defects")),
        })
        .findings(findings.iter().cloned())
        .outcome(NOTHING)
        .hint("how they are written: `grace-migrate rls test --help`"),
        PolicyTestError::NoFiles { searched } => found(
            said("there is no file of policy tests".to_owned()),
            searched,
        )
        .hint("write one, `notes.test.sql` say: `grace-migrate rls test --help`")
        .hint(format!(
            "or name another folder: `tests` of [rls] in `{CONFIG_NAME}`"
        )),
        PolicyTestError::NoTests { searched } => found(
            said("no statement of the files expects anything".to_owned()),
            searched,
        )
        .hint("write `-- expect: …` above one: `grace-migrate rls test --help`"),
        PolicyTestError::Filtered { filter, tests } => {
            said(format!("no test has `{filter}` in its name"))
                .fact(["tests", &tests.to_string()])
                .hint("see their names: `grace-migrate rls test --list`")
        }
        PolicyTestError::FixturesFailed { place, error } => server_facts(
            said(format!("the fixtures failed: {}", error.message)).at(Some((**place).clone())),
            error,
        )
        .outcome(ROLLED_BACK)
        .hint("bring the database to the revision that they are for: `grace-migrate upgrade`"),
        PolicyTestError::ActorNotTaken { actor, role, error } => {
            let message = format!("the session cannot act as `{actor}`: {}", error.message);
            let described = server_facts(said(message).fact(["role", role]), error);
            let role = quote_ident(role);
            if error.sqlstate == SqlState::INSUFFICIENT_PRIVILEGE {
                described.hint(format!(
                    "make the migrating role a member of it: `grant {role} to <role>`"
                ))
            } else {
                described.hint(format!(
                    "make the role: `create role {role} nologin noinherit`"
                ))
            }
            .outcome(ROLLED_BACK)
        }
    }
}

fn found(described: Description, searched: &[PathBuf]) -> Description {
    searched.iter().fold(described, |described, path| {
        described.fact(["searched", &path.display().to_string()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;
    use crate::db::ServerError;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::{server_error, shown};
    use crate::sql::Span;

    fn server(sqlstate: &str, message: &str) -> Box<ServerError> {
        server_error(SqlState::from_code(sqlstate), message)
    }

    #[test]
    fn every_error() {
        let text = "insert into notes values (1);\n";
        let place = Place::in_text("tests/rls/fixtures.sql", text, Span::new(12, 17));
        let finding = || Diagnostic::error("test-unknown-key", "there is no key `exepct`");
        let not_taken = |sqlstate: &str, message: &str| PolicyTestError::ActorNotTaken {
            actor: "olga".to_owned(),
            role: "Authenticated".to_owned(),
            error: server(sqlstate, message),
        };
        let errors = [
            PolicyTestError::Production {
                origin: Origin::File {
                    path: CONFIG_NAME.into(),
                    line: 12,
                    variables: Vec::new(),
                },
            },
            PolicyTestError::Invalid {
                findings: vec![finding()],
            },
            PolicyTestError::Invalid {
                findings: vec![finding(), finding()],
            },
            PolicyTestError::NoFiles {
                searched: vec!["tests/rls".into()],
            },
            PolicyTestError::NoTests {
                searched: vec!["tests/rls/a.test.sql".into(), "b.sql".into()],
            },
            PolicyTestError::Filtered {
                filter: "stranger".to_owned(),
                tests: 7,
            },
            PolicyTestError::FixturesFailed {
                place: Box::new(place),
                error: server("42P01", "relation \"notes\" does not exist"),
            },
            not_taken("42501", "permission denied to set role \"Authenticated\""),
            not_taken("22023", "role \"Authenticated\" does not exist"),
        ];
        let all: Vec<String> = errors.iter().map(|error| shown(&describe(error))).collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
