//! What the statement answered, as the matrix.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::MatrixError;
use super::trial::{Commands, MOST_ROWS, misread};
use crate::migrator::error::Error;
use crate::rls::matrix::{ActorAccess, Cell, Failure, Reach, TableMatrix};
use crate::rls::{Actor, Actors};
use crate::schema::{Privilege, Relation};
use crate::sql::QualifiedName;

/// A table, as the statement answers it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TableAnswer {
    /// Policies bind the migrating role.
    bound: bool,
    /// The server's words of why whose the rows are cannot be told.
    no_owner: Option<String>,
    rows: usize,
    owners: Vec<Option<String>>,
    cells: Vec<ActorAnswer>,
}

/// An actor at a table.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActorAnswer {
    /// SQLSTATE and message of what kept the session from becoming the actor.
    not_taken: Option<(String, String)>,
    truncate: bool,
    /// How many rows a SELECT of a table saw that has too many to tell one from the other.
    counted: Option<usize>,
    /// For each command the rows that it reached, numbered from 1.
    reached: BTreeMap<String, Vec<usize>>,
    /// The commands that were refused, for a row at least.
    refused: BTreeMap<String, bool>,
    /// For each command SQLSTATE and message of an error.
    failed: BTreeMap<String, (String, String)>,
    /// To how many others a row could have been given, and was.
    heirs: usize,
    given: usize,
}

/// Reads the answer about `tables`, in their order.
pub(super) fn read(
    text: &str,
    actors: &Actors,
    tables: &[&Relation],
    commands: Commands,
) -> Result<BTreeMap<QualifiedName, TableMatrix>, Error> {
    let answers: Vec<TableAnswer> = serde_json::from_str(text).map_err(|error| misread(&error))?;
    if answers.len() != tables.len() {
        return Err(misread("a table has no answer"));
    }
    let named = || tables.iter().map(|table| table.name.to_string());
    let bound: Vec<String> = named()
        .zip(&answers)
        .filter(|(_, answer)| answer.bound)
        .map(|(name, _)| name)
        .collect();
    if !bound.is_empty() {
        return Err(MatrixError::BoundByPolicies { tables: bound }.into());
    }
    for (relation, answer) in tables.iter().zip(&answers) {
        if let Some(message) = &answer.no_owner {
            return Err(MatrixError::OwnerFailed {
                table: relation.name.to_string(),
                expression: actors
                    .owners
                    .get(&relation.name)
                    .cloned()
                    .unwrap_or_default(),
                message: message.clone(),
            }
            .into());
        }
    }
    let mut many = named()
        .zip(&answers)
        .filter(|(_, one)| one.rows > MOST_ROWS);
    if let Some((table, _)) = many.next()
        && commands == Commands::All
    {
        return Err(MatrixError::TooManyRows {
            table,
            most: MOST_ROWS,
        }
        .into());
    }
    tables
        .iter()
        .zip(answers)
        .map(|(relation, answer)| Ok((relation.name.clone(), table(answer, actors)?)))
        .collect()
}

fn table(answer: TableAnswer, actors: &Actors) -> Result<TableMatrix, Error> {
    let mut matrix = TableMatrix {
        rows: Some(answer.rows),
        ..TableMatrix::default()
    };
    if answer.cells.len() != actors.actors.len() {
        return Err(misread("an actor has no answer"));
    }
    for (actor, cells) in actors.actors.iter().zip(answer.cells) {
        if let Some((sqlstate, message)) = cells.not_taken {
            return Err(MatrixError::ActorNotTaken {
                actor: actor.name.clone(),
                role: actor.role.clone(),
                sqlstate,
                message,
            }
            .into());
        }
        let mut access = ActorAccess {
            actor: actor.name.clone(),
            cells: BTreeMap::new(),
        };
        for command in Privilege::ROWS {
            let Some(reached) = cells.reached.get(&command.to_string()) else {
                continue;
            };
            let cell = match cells.counted {
                Some(count) => Cell::of(Reach::of_count(count, answer.rows)),
                None => cell(actor, command, reached, &cells, answer.rows, &answer.owners),
            };
            if let Some((sqlstate, message)) = cells.failed.get(&command.to_string())
                && matches!(cell.reach, Reach::Failed(_))
            {
                matrix.failures.push(Failure {
                    actor: actor.name.clone(),
                    command,
                    sqlstate: sqlstate.clone(),
                    message: message.clone(),
                });
            }
            access.cells.insert(command, cell);
        }
        let truncate = if cells.truncate {
            Reach::All
        } else {
            Reach::Refused
        };
        access.cells.insert(Privilege::Truncate, Cell::of(truncate));
        matrix.actors.push(access);
    }
    Ok(matrix)
}

fn cell(
    actor: &Actor,
    command: Privilege,
    reached: &[usize],
    cells: &ActorAnswer,
    all: usize,
    owners: &[Option<String>],
) -> Cell {
    let name = command.to_string();
    if reached.is_empty() {
        return Cell::of(if let Some((state, _)) = cells.failed.get(&name) {
            Reach::Failed(state.clone())
        } else if cells.refused.contains_key(&name) {
            Reach::Refused
        } else if all == 0 {
            Reach::NoRows
        } else {
            Reach::None
        });
    }
    let rows: Vec<usize> = reached.iter().map(|row| row.saturating_sub(1)).collect();
    let mut cell = Cell::of(Reach::of_rows(&rows, owners, actor.sub()));
    if command == Privilege::Update && cells.given > 0 && cell.reach != Reach::All {
        cell.gives = Some(if cells.given == cells.heirs {
            Reach::All
        } else {
            Reach::Some {
                reached: cells.given,
                of: cells.heirs,
            }
        });
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Relation, RelationKind, RowSecurity};

    fn notes() -> Relation {
        Relation {
            name: QualifiedName::new("public", "notes"),
            kind: RelationKind::Table,
            owner: "owner".to_owned(),
            row_security: RowSecurity::On,
            partition_of: None,
            security_invoker: false,
            extension: None,
            columns: Vec::new(),
            grants: Vec::new(),
            policies: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            reads: std::collections::BTreeSet::new(),
        }
    }

    fn actors() -> Actors {
        let claims = serde_json::from_str(r#"{"sub": "o"}"#).unwrap();
        Actors {
            actors: vec![Actor {
                name: "olga".to_owned(),
                role: "authenticated".to_owned(),
                claims: Some(claims),
            }],
            owners: [(notes().name, "owner_id".to_owned())].into(),
        }
    }

    fn told(answer: &str, commands: Commands) -> Result<String, String> {
        let notes = notes();
        let read = read(answer, &actors(), &[&notes], commands);
        let tables = read.map_err(|error| format!("{}: {error}", error.code()))?;
        let olga = &tables[&notes.name].actors[0];
        let cells = olga.cells.iter();
        Ok(cells
            .map(|(command, cell)| format!("{command} {cell}"))
            .collect::<Vec<_>>()
            .join(", "))
    }

    #[test]
    fn words() {
        let of = |cell: &str| {
            let answer =
                format!(r#"[{{"rows": 3, "owners": ["o", "c", null], "cells": [{cell}]}}]"#);
            told(&answer, Commands::All).unwrap()
        };
        assert_eq!(
            of(r#"{"truncate": true, "given": 1, "heirs": 2,
                   "reached": {"select": [1, 2], "insert": [], "update": [1], "delete": []},
                   "refused": {"insert": false}, "failed": {"delete": ["P0001", "no"]}}"#),
            "select own+1, insert refused, update own→1 of 2, delete error P0001, truncate all"
        );
        // Every row is reached anyway, and a row that was reached says more than an error.
        assert_eq!(
            of(
                r#"{"given": 2, "heirs": 2, "reached": {"update": [1, 2, 3], "delete": [2]},
                   "failed": {"delete": ["P0001", "no"]}, "refused": {"delete": false}}"#
            ),
            "update all, delete 1 of 3, truncate refused"
        );
        let nothing = r#"[{"rows": 0, "owners": [], "cells": [{"reached": {"select": []}}]}]"#;
        assert_eq!(
            told(nothing, Commands::All).unwrap(),
            "select no rows, truncate refused"
        );
        let counted = r#"[{"rows": 9000, "cells": [{"counted": 7, "reached": {"select": []}}]}]"#;
        assert_eq!(
            told(counted, Commands::Reading).unwrap(),
            "select 7 of 9000, truncate refused"
        );
        assert_eq!(
            told(counted, Commands::All).unwrap_err(),
            "too-many-rows: public.notes has more than 5000 rows"
        );
    }

    #[test]
    fn what_is_no_answer() {
        let error = |answer: &str| told(answer, Commands::All).unwrap_err();
        let code = |answer: &str| error(answer).split(':').next().unwrap().to_owned();
        assert_eq!(code("[]"), "unexpected-answer");
        assert_eq!(code("{"), "unexpected-answer");
        assert_eq!(code(r#"[{"rows": 1}]"#), "unexpected-answer");
        assert_eq!(code(r#"[{"bound": true}]"#), "bound-by-policies");
        assert_eq!(code(r#"[{"no_owner": "no such column"}]"#), "owner-failed");
        let not_taken = r#"[{"cells": [{"not_taken": ["42501", "permission denied"]}]}]"#;
        assert_eq!(code(not_taken), "actor-not-taken");
    }
}
