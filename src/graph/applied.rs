//! What is applied, as the rows of the version table tell it.

use super::node::{NodeIx, NodeSet};
use super::shape::Graph;

/// The applied revisions: with each of them everything that it stands and depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedSet {
    nodes: NodeSet,
    /// Rows that the version table holds although another row implies them, in upgrade order.
    redundant: Vec<NodeIx>,
}

impl AppliedSet {
    /// The applied revisions.
    #[must_use]
    pub fn nodes(&self) -> &NodeSet {
        &self.nodes
    }

    /// Whether `node` is applied.
    #[must_use]
    pub fn contains(&self, node: NodeIx) -> bool {
        self.nodes.contains(node)
    }

    /// How many are applied.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Rows that the version table holds although another row implies them, in upgrade order. The
    /// first step of a plan takes them out, since they say nothing and would be in the way later.
    #[must_use]
    pub fn redundant_rows(&self) -> &[NodeIx] {
        &self.redundant
    }
}

/// What the rows of a version table say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// What the known rows imply.
    pub applied: AppliedSet,
    /// Rows that no revision of the graph is, sorted.
    pub unknown: Vec<String>,
    /// Rows that are there more than once (the table has lost its primary key), sorted.
    pub repeated: Vec<String>,
}

/// Rows from which no applied set follows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the version table has rows that no revision is: {}", unknown.join(", "))]
pub struct RowsDefect {
    /// The rows that no revision of the graph is, sorted.
    pub unknown: Vec<String>,
}

impl RowsDefect {
    /// Kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "unknown-row"
    }
}

impl Graph {
    /// Nothing applied.
    #[must_use]
    pub fn nothing_applied(&self) -> AppliedSet {
        AppliedSet {
            nodes: NodeSet::empty(self.len()),
            redundant: Vec::new(),
        }
    }

    /// `nodes` applied, and with them everything that they stand and depend on.
    #[must_use]
    pub fn applied(&self, nodes: impl IntoIterator<Item = NodeIx>) -> AppliedSet {
        AppliedSet {
            nodes: self.closure(&self.downs, nodes),
            redundant: Vec::new(),
        }
    }

    /// Reads the rows of a version table: full ids, in any order.
    #[must_use]
    pub fn read_rows<S: AsRef<str>>(&self, rows: impl IntoIterator<Item = S>) -> Rows {
        let mut seen = NodeSet::empty(self.len());
        let (mut known, mut unknown, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let row = row.as_ref();
            match self.find_id(row) {
                Some(node) if seen.insert(node) => known.push(node),
                Some(_) => repeated.push(row.to_owned()),
                None => unknown.push(row.to_owned()),
            }
        }
        unknown.sort();
        let (unknown, twice) = split_repeated(unknown);
        repeated.extend(twice);
        repeated.sort();
        repeated.dedup();
        let mut applied = self.applied(known.iter().copied());
        known.retain(|&node| !self.is_tip(&applied, node));
        self.sort(&mut known);
        applied.redundant = known;
        Rows {
            applied,
            unknown,
            repeated,
        }
    }

    /// The applied set that `rows` of a version table stand for. Rows that another row implies are
    /// tolerated: see [`AppliedSet::redundant_rows`].
    ///
    /// # Errors
    /// If a row is no revision of the graph. [`Graph::read_rows`] tells what the others say.
    pub fn applied_from_rows<S: AsRef<str>>(
        &self,
        rows: impl IntoIterator<Item = S>,
    ) -> Result<AppliedSet, RowsDefect> {
        let rows = self.read_rows(rows);
        if rows.unknown.is_empty() {
            Ok(rows.applied)
        } else {
            Err(RowsDefect {
                unknown: rows.unknown,
            })
        }
    }

    /// What the version table holds for `applied`: the applied nodes without an applied child or
    /// dependant, in upgrade order.
    #[must_use]
    pub fn tips(&self, applied: &AppliedSet) -> Vec<NodeIx> {
        let nodes = applied.nodes.iter();
        let mut tips = nodes
            .filter(|&node| self.is_tip(applied, node))
            .collect::<Vec<_>>();
        self.sort(&mut tips);
        tips
    }

    /// The row that implies `node`, if `node` is applied and no row itself.
    #[must_use]
    pub fn implied_by(&self, applied: &AppliedSet, node: NodeIx) -> Option<NodeIx> {
        let above = |node| {
            let mut ups = self.ups(node).iter().copied();
            ups.find(|&up| applied.contains(up))
        };
        let first = above(node)?;
        std::iter::successors(Some(first), |&node| above(node)).last()
    }

    fn is_tip(&self, applied: &AppliedSet, node: NodeIx) -> bool {
        !self.ups(node).iter().any(|&up| applied.contains(up))
    }
}

/// `sorted` without repetitions, and what was repeated.
fn split_repeated(mut sorted: Vec<String>) -> (Vec<String>, Vec<String>) {
    let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]);
    let twice = twice.map(|pair| pair[0].clone()).collect();
    sorted.dedup();
    (sorted, twice)
}
