//! Everything that is needed to see why a plan is wrong, in one file: definitions alone, no row.

use std::path::PathBuf;

use super::error::{AutogenerateError, Fault, Leg, Unproved};
use super::stage::Stage;
use crate::diff;
use crate::migrator::error::Error;
use crate::revision::TransactionMode;
use crate::schema::facts::State;
use crate::source;

/// What is known when a plan turns out to be wrong.
pub(super) struct Evidence<'a> {
    /// The database before it.
    pub(super) from: &'a State,
    /// What it was to make of it.
    pub(super) to: &'a State,
    /// What gets another name first, as SQL.
    pub(super) renames: &'a str,
    /// What was planned, as far as it was.
    pub(super) stages: &'a [Stage],
    /// Names the file.
    pub(super) run_id: &'a str,
}

impl Evidence<'_> {
    /// The same error; where it is of the plan, with the file that tells of it.
    pub(super) fn with(&self, error: Error) -> Error {
        match error {
            Error::Autogenerate(AutogenerateError::Unproved(mut unproved)) => {
                let name = format!("grace-migrate-unproved-{}.sql", self.run_id);
                let file = std::env::temp_dir().join(name);
                unproved.evidence = self.write(file, &unproved);
                AutogenerateError::Unproved(unproved).into()
            }
            other => other,
        }
    }

    /// Writes the file; none where that does not work, which is no reason to say less.
    fn write(&self, file: PathBuf, unproved: &Unproved) -> Option<PathBuf> {
        let text = self.text(unproved);
        source::replace_private(&file, &file, &text)
            .ok()
            .map(|()| file)
    }

    fn text(&self, unproved: &Unproved) -> String {
        let mut out = format!(
            "-- grace-migrate {}, PostgreSQL {}: a plan that is not proved.\n\
             -- Definitions, and rows that were made up; no row of yours is in here.\n",
            env!("CARGO_PKG_VERSION"),
            self.from.server_version_num,
        );
        let mut part = |title: &str, text: &str| {
            out.push_str(&format!("\n-- ==== {title}\n\n{text}"));
        };
        part("what it is made of", &made(self.from));
        part("what it was to become", &made(self.to));
        if !self.renames.is_empty() {
            part("renames", self.renames);
        }
        for (at, stage) in self.stages.iter().enumerate() {
            let outside = match stage.transaction {
                TransactionMode::On => "",
                TransactionMode::Off => ", outside a transaction",
            };
            part(&format!("up {}{outside}", at + 1), &stage.up);
            if !stage.down.is_empty() {
                part(&format!("down {}", at + 1), &stage.down);
            }
        }
        match &unproved.fault {
            Fault::Failed { .. } | Fault::Differs(_) => {}
            Fault::RowsLost { made_up, .. } => {
                part("rows that were made up", &format!("{made_up}\n"));
            }
        }
        let fault = match &unproved.fault {
            Fault::Failed { sql, error } => {
                let sql = sql.as_deref().unwrap_or_default();
                format!("{sql}\n{error:#?}\n")
            }
            Fault::Differs(difference) => difference
                .changes
                .iter()
                .map(|change| serde_json::to_string(change).unwrap_or_default() + "\n")
                .collect(),
            Fault::RowsLost { lost, .. } => {
                let lines = lost.iter().map(|one| {
                    let after = one
                        .after
                        .map_or("gone".to_owned(), |after| after.to_string());
                    format!("{}: {} rows, then {after}\n", one.table, one.before)
                });
                lines.collect()
            }
        };
        let fault: String = fault.lines().map(|line| format!("-- {line}\n")).collect();
        let way = match unproved.leg {
            Leg::Up => "up",
            Leg::Down => "down",
        };
        let which = unproved.part.map(|part| format!(" ({part})"));
        let which = which.unwrap_or_default();
        part(&format!("what is wrong on the way {way}{which}"), &fault);
        out
    }
}

fn made(state: &State) -> String {
    match diff::create(state) {
        Ok(statements) => statements
            .iter()
            .map(|statement| format!("{};\n", statement.sql))
            .collect(),
        Err(cycle) => format!("-- {cycle:?}\n"),
    }
}
