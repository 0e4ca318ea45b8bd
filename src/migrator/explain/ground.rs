//! Where conditions are asked: the table itself with its policies taken away, or a copy of its rows.

use super::new_rows::empty_copy;
use super::question::Question;
use super::subject::condition;
use crate::db::{Answer, DbError, ServerError, Session, SqlState};
use crate::rls::explain::{AskedOn, WhyCopy};
use crate::sql::quote_ident;

/// The one policy there, while a condition is asked.
const POLICY: &str = "grace_migrate_explain";

/// Gives the table's lock back.
const LEAVE_TABLE: &str = "rollback to savepoint explain_table; release savepoint explain_table";

/// How many rows are copied at most.
const COPIED: u64 = 50_000;

/// Runs statements in a savepoint that is taken back, and gives the answers or the server's error.
pub(super) async fn in_savepoint(
    session: &Session,
    sql: &str,
) -> Result<Result<Vec<Answer>, Box<ServerError>>, DbError> {
    let whole = format!(
        "savepoint explain_one; {sql}; rollback to savepoint explain_one; release savepoint explain_one"
    );
    match session.answers(&whole).await {
        Ok(answers) => Ok(Ok(answers)),
        Err(DbError::Server(error)) => {
            session
                .batch("rollback to savepoint explain_one; release savepoint explain_one")
                .await?;
            Ok(Err(error))
        }
        Err(error) => Err(error),
    }
}

/// The last value that was selected, as a number.
pub(super) fn number(answers: &[Answer]) -> Result<u64, DbError> {
    let selected = answers.iter().rev().find_map(|answer| answer.value(0));
    let number = selected.and_then(|text| text.parse().ok());
    number.ok_or_else(|| DbError::Protocol {
        during: "counting rows",
        reason: "no number".to_owned(),
    })
}

/// Where conditions are asked.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) on: AskedOn,
    /// The table, quoted.
    table: String,
    /// What is done before, each time.
    before: String,
    /// Which of its rows are meant.
    rows: String,
}

impl Ground {
    /// The best ground that there is for the rows of the question. A copy is made by the way, and
    /// goes with the transaction.
    pub(super) async fn find(question: &Question<'_>) -> Result<Self, DbError> {
        let table = question.table.name.to_string();
        let mut why = if question.production {
            WhyCopy::Production
        } else {
            WhyCopy::NotOwner
        };
        if !question.production && question.owns {
            let drops: Vec<String> = question
                .table
                .policies
                .iter()
                .map(|policy| format!("drop policy {} on {table};", quote_ident(&policy.name)))
                .collect();
            let ground = Self {
                on: AskedOn::Table,
                before: format!(
                    "{} grant select on table {table} to {};",
                    drops.join(" "),
                    quote_ident(&question.actor.role)
                ),
                rows: condition(question.row),
                table,
            };
            match ground.take(question).await? {
                Ok(()) => return Ok(ground),
                // Somebody works with the table: a copy does without its lock.
                Err(message) => why = WhyCopy::Refused { message },
            }
        }
        let refused = match &why {
            WhyCopy::Refused { message } => Some(message.clone()),
            _ => None,
        };
        let copy = Self::copy(question, why, "").await?;
        Ok(copy.unwrap_or_else(|reason| Self::nothing(refused.unwrap_or(reason))))
    }

    /// Takes the table's lock, once for all that is asked, and without a wait in which others would
    /// wait behind us. An error is the server's words.
    async fn take(&self, question: &Question<'_>) -> Result<Result<(), String>, DbError> {
        let take = format!(
            "savepoint explain_table; lock table {} in access exclusive mode nowait",
            self.table
        );
        match question.session.batch(&take).await {
            Ok(()) => {}
            Err(DbError::Server(error)) => {
                question.session.batch(LEAVE_TABLE).await?;
                return Ok(Err(error.message));
            }
            Err(error) => return Err(error),
        }
        // The policies may be other people's to take away all the same.
        match self.count(question, "true").await? {
            Ok(_) => Ok(Ok(())),
            Err(error) => {
                question.session.batch(LEAVE_TABLE).await?;
                Ok(Err(error.message))
            }
        }
    }

    /// Leaves the ground: the table without its lock, and no copy.
    pub(super) async fn leave(self, question: &Question<'_>) -> Result<(), DbError> {
        match self.on {
            AskedOn::Table => question.session.batch(LEAVE_TABLE).await,
            AskedOn::Copy { .. } => {
                let drop = format!("drop table {}", self.table);
                question.session.batch(&drop).await
            }
            AskedOn::Nothing { .. } => Ok(()),
        }
    }

    /// Where nothing can be asked.
    pub(super) fn nothing(reason: String) -> Self {
        Self {
            on: AskedOn::Nothing { reason },
            table: String::new(),
            before: String::new(),
            rows: String::new(),
        }
    }

    /// A copy of the rows of the question, on which `then` is done before policies are asked.
    pub(super) async fn copy(
        question: &Question<'_>,
        why: WhyCopy,
        then: &str,
    ) -> Result<Result<Self, String>, DbError> {
        let rows = condition(question.row);
        let limit = COPIED + 1;
        let from = format!("from {} t{rows}", question.table.name);
        let (before, after) = question.unforced();
        let many =
            format!("{before} select pg_catalog.count(*) from (select {from} limit {limit}) t");
        match in_savepoint(question.session, &many).await? {
            Ok(answers) if number(&answers)? > COPIED => {
                return Ok(Err(format!("there are more than {COPIED} rows to copy")));
            }
            Ok(_) => {}
            Err(error) => return Ok(Err(error.message)),
        }
        let name = quote_ident(&question.table.name.name);
        let columns: Vec<String> = question
            .columns
            .iter()
            .filter(|one| !one.computed)
            .map(|one| quote_ident(&one.name))
            .collect();
        let columns = columns.join(", ");
        let copy = format!(
            "{} insert into pg_temp.{name} ({columns}) select {columns} {from};",
            empty_copy(question, "")
        );
        Self::made(question, why, &format!("{before} {copy} {after} {then}")).await
    }

    /// The temporary table that these statements make under the name of the table.
    pub(super) async fn made(
        question: &Question<'_>,
        why: WhyCopy,
        statements: &str,
    ) -> Result<Result<Self, String>, DbError> {
        let table = format!("pg_temp.{}", quote_ident(&question.table.name.name));
        let role = quote_ident(&question.actor.role);
        let make = format!(
            "savepoint explain_copy; {statements} \
             alter table {table} enable row level security, force row level security; \
             grant select on table {table} to {role}; release savepoint explain_copy"
        );
        match question.session.batch(&make).await {
            Ok(()) => Ok(Ok(Self {
                on: AskedOn::Copy { why },
                table,
                before: String::new(),
                rows: String::new(),
            })),
            Err(DbError::Server(error)) => {
                let back = "rollback to savepoint explain_copy; release savepoint explain_copy";
                question.session.batch(back).await?;
                Ok(Err(error.message))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether nothing can be asked here.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.on, AskedOn::Nothing { .. })
    }

    /// How many rows the actor sees where this condition is the only policy.
    pub(super) async fn count(
        &self,
        question: &Question<'_>,
        sql: &str,
    ) -> Result<Result<u64, Box<ServerError>>, DbError> {
        let Self {
            table,
            before,
            rows,
            ..
        } = self;
        let counted = format!(
            "{before} create policy {POLICY} on {table} for select to {} using (({sql})); {} \
             select pg_catalog.count(*) from {table} t{rows}",
            quote_ident(&question.actor.role),
            question.becoming,
        );
        match in_savepoint(question.session, &counted).await? {
            Ok(answers) => Ok(Ok(number(&answers)?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

/// Whether the server refused.
pub(super) fn is_refusal(error: &ServerError) -> bool {
    error.sqlstate == SqlState::INSUFFICIENT_PRIVILEGE
}
