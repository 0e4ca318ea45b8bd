//! Whether requests can be served: the pool answers, and the database stands where this program
//! expects it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::access::{Access, Caller, Mode};
use super::error::ApiError;
use super::record::Record;
use crate::bookkeeping::VersionTable;
use crate::db::{DbError, Row};
use crate::graph::{Graph, NodeSpec};
use crate::revision::parse_header;

// The revisions that the program was built with, as `(file name, text of the up script)`.
include!(concat!(env!("OUT_DIR"), "/revisions.rs"));

/// Whether a database that stands further than this program knows will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newer {
    /// It will not.
    Refused,
    /// It will: the schema was changed first, as deploys do.
    Allowed,
}

/// Why requests cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// The server stops.
    Stopping,
    /// The database does not answer.
    Database(String),
    /// The version table cannot be read.
    Unreadable(String),
    /// Revisions are pending.
    Behind {
        /// Where it stands.
        at: Vec<String>,
        /// Where it should.
        head: Vec<String>,
    },
    /// The database stands at a revision that this program does not know.
    Ahead {
        /// The revisions that are not known.
        unknown: Vec<String>,
    },
}

/// What is known of whether requests can be served.
pub(crate) struct Readiness {
    graph: Graph,
    sql: &'static str,
    newer: Newer,
    stopping: AtomicBool,
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness")
            .field("head", &self.head())
            .finish()
    }
}

struct Standing(String);

impl Record for Standing {
    fn of(row: &Row) -> Result<Self, DbError> {
        row.get(0).map(Self)
    }
}

impl Readiness {
    /// Of the database whose version table this is.
    pub(crate) fn new(version_table: &VersionTable, newer: Newer) -> Self {
        let sql = format!(
            "select version_num::text from {} order by 1",
            version_table.quoted()
        );
        Self {
            graph: built_with(),
            // One for the life of the program, as prepared statements are known by their text.
            sql: String::leak(sql),
            newer,
            stopping: AtomicBool::new(false),
        }
    }

    /// From here on the server is not ready: it stops.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The heads that the program was built with.
    pub(crate) fn head(&self) -> Vec<String> {
        let ids = self.graph.ids(self.graph.heads());
        ids.iter().map(ToString::to_string).collect()
    }

    /// Asks the database.
    pub(crate) async fn ask(&self, access: &Access) -> Result<(), NotReady> {
        if self.stopping() {
            return Err(NotReady::Stopping);
        }
        let unanswered = |error: ApiError| match error {
            ApiError::Stopping => NotReady::Stopping,
            ApiError::Unavailable { reason } | ApiError::Internal { reason } => {
                NotReady::Database(reason)
            }
            error => NotReady::Database(error.problem().title),
        };
        let mut scope = access
            .begin(&Caller::Login, Mode::Read)
            .await
            .map_err(unanswered)?;
        let rows = match scope.all::<Standing>(self.sql, &[]).await {
            Ok(rows) => rows,
            Err(ApiError::Forbidden) => {
                return Err(NotReady::Unreadable(
                    "the login may not read the version table".to_owned(),
                ));
            }
            Err(error) => return Err(unanswered(error)),
        };
        scope.commit().await.map_err(unanswered)?;
        self.judge(rows.into_iter().map(|Standing(row)| row).collect())
    }

    fn judge(&self, at: Vec<String>) -> Result<(), NotReady> {
        let known = self.graph.read_rows(&at);
        if !known.unknown.is_empty() {
            return match self.newer {
                Newer::Allowed => Ok(()),
                Newer::Refused => Err(NotReady::Ahead {
                    unknown: known.unknown,
                }),
            };
        }
        if known.applied.len() < self.graph.len() {
            return Err(NotReady::Behind {
                at,
                head: self.head(),
            });
        }
        Ok(())
    }
}

/// The graph of the revisions that the program was built with.
fn built_with() -> Graph {
    let specs = REVISIONS.iter().filter_map(|(_, text)| {
        let header = parse_header(text).header?;
        Some(NodeSpec {
            id: header.revision,
            revises: header.revises,
            depends_on: header.depends_on,
            labels: header.labels,
            created: header.created,
        })
    });
    Graph::build(specs.collect()).expect("revisions that the tests hold to be sound")
}
