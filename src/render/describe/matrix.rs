//! The words of why there is no access matrix.

use super::db::server_facts;
use super::words::listed;
use crate::config::CONFIG_NAME;
use crate::migrator::MatrixError;
use crate::render::words::plural;
use crate::render::{Description, Exit};
use crate::revision::nearest;
use crate::sql::quote_ident;

/// Says what is wrong: nothing was changed in any of these cases.
pub(super) fn describe(error: &MatrixError) -> Description {
    words(error).outcome("nothing was changed")
}

fn words(error: &MatrixError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    let unknown = |said: Description, name: &str, known: &[String]| {
        let said = match nearest(name, known.iter().map(String::as_str)) {
            Some(nearest) => said.hint(format!("did you mean `{nearest}`?")),
            None => said,
        };
        if known.is_empty() {
            said
        } else {
            said.fact(["there are", &listed(known)])
        }
    };
    match error {
        MatrixError::Production { origin } => {
            said("the database is marked as production, and nothing is tried out in one".to_owned())
                .fact(["marked by", &origin.to_string()])
                .hint("only read, on the rows that are there: `grace-migrate rls matrix --read-only`")
                .hint("or try it on another: a `[destination.<name>]` with `production = false`, and `--name <name>`")
        }
        MatrixError::UnknownActor { actor, known } => {
            unknown(said(format!("there is no actor `{actor}`")), actor, known)
        }
        MatrixError::UnknownTable { table, known } => unknown(
            said(format!("there is no table `{table}` in the schemas of the API")),
            table,
            known,
        )
        .hint(format!(
            "which schemas these are: `schemas` of [rls] in `{CONFIG_NAME}`"
        )),
        MatrixError::NoFixtures { path, reason } => said(format!(
            "the fixtures, `{}`, cannot be read: {reason}",
            path.display()
        ))
        .hint(format!("name another file: `fixtures` of [rls] in `{CONFIG_NAME}`")),
        MatrixError::BadFixtures { findings } => said(match findings.len() {
            1 => "the fixtures cannot run as they are".to_owned(),
            n => format!("the fixtures have {n} places that cannot run as they are"),
        })
        .findings(findings.iter().cloned())
        .hint("they run in a transaction that is rolled back"),
        MatrixError::FixturesFailed { place, error } => server_facts(
            said(format!("the fixtures failed: {}", error.message)).at(place.clone()),
            error,
        )
        .hint("bring the database to the revision that they are for: `grace-migrate upgrade`"),
        MatrixError::NoMatrix { path, reason } => said(format!(
            "the kept matrix, `{}`, cannot be read: {reason}",
            path.display()
        ))
        .hint("write it: `grace-migrate rls matrix --write`"),
        MatrixError::BadMatrix { findings } => said(format!(
            "the kept matrix has {}",
            plural(findings.len(), "defect", "defects")
        ))
        .findings(findings.iter().cloned())
        .hint("write it anew: `grace-migrate rls matrix --write`"),
        MatrixError::ActorNotTaken {
            actor,
            role,
            sqlstate,
            message,
        } => {
            let described = said(format!("the session cannot act as `{actor}`: {message}"))
                .fact(["role", role])
                .fact(["SQLSTATE", sqlstate]);
            let role = quote_ident(role);
            if sqlstate == "42501" {
                described.hint(format!(
                    "make the migrating role a member of it: `grant {role} to <role>`"
                ))
            } else {
                described.hint(format!("make the role: `create role {role} nologin noinherit`"))
            }
        }
        MatrixError::OwnerFailed {
            table,
            expression,
            message,
        } => said(format!("whose a row of `{table}` is cannot be told: {message}"))
            .fact(["owner", expression])
            .hint(
                "mend it in `[owner]` of the actors' file: an expression over the row, with tables \
                 and functions named in full",
            ),
        MatrixError::BoundByPolicies { tables } => said(
            "policies bind the role that is connected: what it sees is not all there is".to_owned(),
        )
        .fact(["tables", &listed(tables)])
        .hint("connect as the tables' owner, or as a role with BYPASSRLS")
        .hint("where the owner itself is bound: `alter table <table> no force row level security`"),
        MatrixError::TooManyRows { table, most } => said(format!(
            "`{table}` has more than {most} rows, too many to try each"
        ))
        .hint("try it on a database with the fixtures alone: `grace-migrate --url embedded rls matrix`")
        .hint("or only read: `grace-migrate rls matrix --read-only`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;
    use crate::db::SqlState;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::{server_error, shown};
    use crate::sql::Span;

    #[test]
    fn every_error() {
        let text = "insert into notes values (1);\n";
        let place = Place::in_text("tests/rls/fixtures.sql", text, Span::new(12, 17));
        let finding = || Diagnostic::error("matrix-syntax", "`mine` is no word of the matrix");
        let known = || vec!["olga".to_owned(), "anon".to_owned()];
        let not_taken = |sqlstate: &str, message: &str| MatrixError::ActorNotTaken {
            actor: "olga".to_owned(),
            role: "Authenticated".to_owned(),
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
        };
        let errors = [
            MatrixError::Production {
                origin: Origin::File {
                    path: CONFIG_NAME.into(),
                    line: 12,
                    variables: Vec::new(),
                },
            },
            MatrixError::UnknownActor {
                actor: "olgo".to_owned(),
                known: known(),
            },
            MatrixError::UnknownTable {
                table: "public.note".to_owned(),
                known: vec!["public.notes".to_owned()],
            },
            MatrixError::UnknownTable {
                table: "a.b.c".to_owned(),
                known: Vec::new(),
            },
            MatrixError::NoFixtures {
                path: "tests/rls/fixtures.sql".into(),
                reason: "Permission denied".to_owned(),
            },
            MatrixError::BadFixtures {
                findings: vec![finding(), finding()],
            },
            MatrixError::FixturesFailed {
                place: Some(place),
                error: server_error(
                    SqlState::from_code("42P01"),
                    "relation \"notes\" does not exist",
                ),
            },
            MatrixError::NoMatrix {
                path: "tests/rls/matrix.md".into(),
                reason: "No such file or directory".to_owned(),
            },
            MatrixError::BadMatrix {
                findings: vec![finding()],
            },
            not_taken("42501", "permission denied to set role \"Authenticated\""),
            not_taken("22023", "role \"Authenticated\" does not exist"),
            MatrixError::OwnerFailed {
                table: "public.notes".to_owned(),
                expression: "owner".to_owned(),
                message: "column \"owner\" does not exist".to_owned(),
            },
            MatrixError::BoundByPolicies {
                tables: vec!["public.notes".to_owned()],
            },
            MatrixError::TooManyRows {
                table: "public.notes".to_owned(),
                most: 5000,
            },
        ];
        let all: Vec<String> = errors.iter().map(|error| shown(&describe(error))).collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
