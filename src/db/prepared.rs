//! Statements that stay prepared, for a session that asks the same again and again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio_postgres::{Client, Error, Row, Statement};

use super::Session;

/// The statements of a session, by their text.
#[derive(Debug, Default)]
pub(super) struct Prepared(Mutex<BTreeMap<String, Statement>>);

impl Prepared {
    /// Runs a statement without parameters, prepared the first time.
    pub(super) async fn query(&self, client: &Client, sql: &str) -> Result<Vec<Row>, Error> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let statement = known().get(sql).cloned();
        let statement = match statement {
            Some(statement) => statement,
            None => {
                let statement = client.prepare(sql).await?;
                known().insert(sql.to_owned(), statement.clone());
                statement
            }
        };
        client.query(&statement, &[]).await
    }
}

impl Session {
    /// Keeps every query without parameters prepared from now on: the server plans it once. The
    /// first time costs a round trip more, and no pooler may stand between.
    pub fn keep_statements(&mut self) {
        self.prepared = Some(Prepared::default());
    }
}
