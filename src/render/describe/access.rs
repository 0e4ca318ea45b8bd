//! The words of what keeps rights from being taken, given back or scaffolded.

use crate::migrator::{AccessError, StillOpen, WhyOpen};
use crate::render::locks::blocker;
use crate::render::{Description, Exit};
use crate::sql::{QualifiedName, quote_ident};

use super::words::listed;

/// Says what went wrong; `command` is the command as it was typed.
pub(super) fn describe(error: &AccessError, command: &str) -> Description {
    let said = |exit, message: String| Description::new(error.code(), exit, message);
    let nothing = if command == "revision" {
        "nothing was written"
    } else {
        "nothing was changed"
    };
    match error {
        AccessError::UnknownTable {
            text,
            nearest,
            schemas,
        } => {
            let said = said(Exit::Refused, format!("there is no table `{text}`"))
                .fact(["looked in".to_owned(), listed(schemas)])
                .outcome(nothing);
            match nearest {
                Some(nearest) => said.hint(format!("did you mean `{}`?", typed(nearest))),
                None => said.hint("see what there is: `grace-migrate rls status`"),
            }
        }
        AccessError::AmbiguousTable { text, found } => found
            .iter()
            .fold(
                said(
                    Exit::Refused,
                    format!("several schemas have a table `{text}`"),
                ),
                |said, one| said.fact([typed(one)]),
            )
            .outcome(nothing)
            .hint("say which, with its schema"),
        AccessError::NotATable { name, kind } => said(
            Exit::Refused,
            format!("`{name}` is a {kind}: only tables have policies"),
        )
        .outcome(nothing),
        AccessError::NotOwner { user, tables } => tables
            .iter()
            .fold(
                said(
                    Exit::Refused,
                    format!("`{user}` does not own every table, and only the owner takes rights"),
                ),
                |said, (table, owner)| said.fact([table.to_string(), format!("is `{owner}`'s")]),
            )
            .outcome(nothing)
            .hint("connect as the owner, or as a superuser: `grace-migrate --url <url> …`"),
        AccessError::StillOpen { ways } => still_open(said, ways),
        AccessError::NotClosed { tables } => said(
            Exit::Refused,
            format!("the log has no closing of {}", listed(tables)),
        )
        .fact(["those that were closed and not opened since count, and tables of the same name that \
                were made anew do not"])
        .outcome(nothing)
        .hint("see what was closed, and what undoes it: `grace-migrate log -v`"),
        AccessError::InTheWay {
            message,
            blocked_by,
        } => {
            let message = format!("another session changes the same table: {message}");
            let said = blocked_by
                .iter()
                .fold(said(Exit::Unavailable, message), |said, one| {
                    said.fact([blocker(one)])
                })
                .outcome(nothing)
                .hint("wait longer for it: `lock-timeout` and `lock-tries` of `[run]`");
            match blocked_by.iter().find(|one| one.pid != 0) {
                Some(one) => said.hint(format!(
                    "or end it: `select pg_terminate_backend({});`",
                    one.pid
                )),
                None => said,
            }
        }
        AccessError::NotCommitted { reason } => said(
            Exit::Unavailable,
            format!("the link was lost at COMMIT: {reason}"),
        )
        .outcome("the server rolled it back: the rights are as they were")
        .hint("run the same command again"),
        AccessError::OutcomeUnknown {
            transaction,
            reason,
        } => said(
            Exit::Unknown,
            "the link was lost at COMMIT, and the server could not be asked what became of it"
                .to_owned(),
        )
        .fact(["transaction", transaction.as_str()])
        .fact(["link", reason.as_str()])
        .outcome("whether the rights were changed is not known; half of them never are")
        .hint(format!(
            "this tells whether it was committed: `select pg_xact_status('{transaction}') as status;`"
        ))
        .hint("run the same command again: what is done is not done twice"),
        AccessError::TableNeedsRls { template } => said(
            Exit::Refused,
            format!("`--table` is for the template `rls`, and not for `{template}`"),
        )
        .outcome(nothing)
        .hint("`grace-migrate revision -m <message> --template rls --table <table>`"),
        AccessError::NoApiRole { roles } => said(
            Exit::Refused,
            format!(
                "the server has none of the roles that policies would be for: {}",
                listed(roles)
            ),
        )
        .outcome(nothing)
        .hint("name those of your API in grace-migrate.toml: `[rls]`, `api-roles = [\"…\"]`")
        .hint("or make them: `create role authenticated nologin;`"),
    }
}

fn still_open(said: impl Fn(Exit, String) -> Description, ways: &[StillOpen]) -> Description {
    let message = "after every REVOKE somebody could still reach a table".to_owned();
    let mut described = ways
        .iter()
        .fold(said(Exit::Failed, message), |said, way| {
            said.fact([
                way.role.clone(),
                format!("{} on {}", way.privileges.join(", "), way.relation),
                why(&way.why),
            ])
        })
        .outcome("rolled back: the rights are as they were");
    let mut hints: Vec<String> = Vec::new();
    for way in ways {
        let role = quote_ident(&way.role);
        let hint = match &way.why {
            WhyOpen::Superuser => {
                format!("lock the role out instead: `alter role {role} nosuperuser nologin;`")
            }
            WhyOpen::Owner => {
                "let another role own the table: `alter table … owner to …;`".to_owned()
            }
            WhyOpen::Predefined(of) => format!("take the membership: `revoke {of} from {role};`"),
            WhyOpen::Trusted(_) => "close it to trusted roles too: `--trusted`".to_owned(),
            WhyOpen::GivenBy(grantor) => {
                format!("connect as a superuser, or as `{grantor}`, who gave it")
            }
            WhyOpen::Unknown => "see who may what: `grace-migrate rls status`".to_owned(),
        };
        if hints.len() < 3 && !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    for hint in hints {
        described = described.hint(hint);
    }
    described
}

fn why(why: &WhyOpen) -> String {
    match why {
        WhyOpen::Superuser => "it is a superuser".to_owned(),
        WhyOpen::Owner => "it has the owner's rights".to_owned(),
        WhyOpen::Predefined(role) => format!("it has the rights of `{role}`"),
        WhyOpen::Trusted(role) => format!("it has the rights of `{role}`, which is trusted"),
        WhyOpen::GivenBy(role) => format!("`{role}` gave it, and alone can take it back"),
        WhyOpen::Unknown => String::new(),
    }
}

/// A name as a shell takes it.
fn typed(name: &QualifiedName) -> String {
    let quoted = name.to_string();
    if quoted.contains('"') {
        format!("'{quoted}'")
    } else {
        quoted
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
