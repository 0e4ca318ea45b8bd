//! What is said where nothing can be explained.

use super::words::listed;
use crate::migrator::{ExplainError, RowDefect};
use crate::render::{Description, Exit};
use crate::revision::nearest_names;

pub(super) fn describe(error: &ExplainError) -> Description {
    let said = |message: String| {
        Description::new(error.code(), Exit::Refused, message).outcome("nothing was done")
    };
    match error {
        ExplainError::UnknownActor { actor, known } => {
            let unknown = said(format!("there is no actor `{actor}`"));
            let near = nearest_names(actor, known.iter().map(String::as_str));
            let unknown = match near.first() {
                Some(near) => unknown.hint(format!("did you mean `--as {near}`?")),
                None => unknown,
            };
            unknown
                .fact(["actors", &listed(known)])
                .hint("for one that is in no file: `--role ROLE --claims '{\"sub\": \"…\"}'`")
        }
        ExplainError::UnknownTable {
            table,
            schemas,
            nearest,
        } => {
            let unknown = said(format!("there is no table `{table}`"))
                .fact(["looked into", &listed(schemas)]);
            let near = nearest.iter().take(2);
            near.fold(unknown, |unknown, near| {
                unknown.hint(format!("did you mean `--table {near}`?"))
            })
            .hint("see all of them: `grace-migrate rls status`")
        }
        ExplainError::NotATable { name, kind } => {
            said(format!("`{name}` is a {kind}, and policies are tables'"))
                .hint("ask about a table that it reads: `grace-migrate rls explain --table TABLE`")
        }
        ExplainError::ActorNotTaken {
            actor,
            role,
            exists,
            message,
        } => {
            let refused = said(format!("the session cannot become `{actor}`: {message}"))
                .fact(["role", role]);
            let name = crate::sql::quote_ident(role);
            if *exists {
                refused.hint(format!(
                    "let the role that migrates become it: `grant {name} to <role>`"
                ))
            } else {
                refused.hint(format!("make the role: `create role {name} nologin`"))
            }
        }
        ExplainError::Values {
            option,
            text,
            defect,
        } => values(said, option, text, defect),
        ExplainError::NotForCommand { option, command } => {
            let refused = said(format!(
                "`{option}` means nothing for `--command {command}`"
            ));
            match *option {
                "--row" => refused.hint("a new row is given by its values: `--set COLUMN=VALUE`"),
                "--returning" => refused.hint("without it, SELECT is explained"),
                _ => refused.hint("values are for `--command insert` and `--command update`"),
            }
        }
        ExplainError::Production => said(
            "this database is marked as production: no fixtures are made in it".to_owned(),
        )
        .hint("explain what is there, without `--fixtures`")
        .hint("or choose another database: `grace-migrate --name <destination> rls explain …`"),
    }
}

fn values(
    said: impl Fn(String) -> Description,
    option: &str,
    text: &str,
    defect: &RowDefect,
) -> Description {
    let wrong = said(format!("`{option} {text}`: {}", defect_words(defect)));
    match defect {
        RowDefect::UnknownColumn { column, known } => {
            let near = nearest_names(column, known.iter().map(String::as_str));
            let wrong = wrong.fact(["columns", &listed(known)]);
            match near.first() {
                Some(near) => wrong.hint(format!("did you mean `{near}`?")),
                None => wrong.hint("a value with a `=` in it goes in quotes: `'a=b'`"),
            }
        }
        RowDefect::NotTheKey { key } if key.is_empty() => {
            wrong.hint(format!("name the columns: `{option} COLUMN=VALUE`"))
        }
        RowDefect::NotTheKey { key } => {
            let each: Vec<String> = key.iter().map(|one| format!("{one}=…")).collect();
            wrong.hint(format!("for example `{option} {}`", each.join(",")))
        }
        RowDefect::Syntax(_) | RowDefect::NoColumn => wrong.hint(format!(
            "for example `{option} id=7` or `{option} \"name='a, b'\"`"
        )),
        RowDefect::Value(_) => wrong,
    }
}

fn defect_words(defect: &RowDefect) -> String {
    match defect {
        RowDefect::Syntax(defect) => defect.to_string(),
        RowDefect::UnknownColumn { column, .. } => format!("the table has no column `{column}`"),
        RowDefect::NotTheKey { key } if key.is_empty() => {
            "the table has no primary key, so that the columns must be named".to_owned()
        }
        RowDefect::NotTheKey { key } => {
            format!("the primary key is {}", listed(key))
        }
        RowDefect::NoColumn => "it says no column".to_owned(),
        RowDefect::Value(message) => message.clone(),
    }
}
