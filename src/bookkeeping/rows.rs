use std::collections::BTreeSet;

use crate::plan::Step;

/// What happens to the version rows. Rows are text: one may be what no file knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowEdit {
    /// Rows to delete, each of which must be there.
    pub delete: Vec<String>,
    /// Rows to insert.
    pub insert: Vec<String>,
}

impl RowEdit {
    /// From the rows `before` to the rows `after`; a row that is there twice counts once.
    #[must_use]
    pub fn between(before: &[String], after: &[String]) -> Self {
        let without = |rows: &[String], others: &[String]| {
            let others: BTreeSet<&String> = others.iter().collect();
            let rows: BTreeSet<&String> = rows.iter().collect();
            rows.difference(&others).copied().cloned().collect()
        };
        Self {
            delete: without(before, after),
            insert: without(after, before),
        }
    }

    /// The rows after it, sorted, where they were `rows` before.
    #[must_use]
    pub fn applied_to(&self, rows: &[String]) -> Vec<String> {
        let mut after: Vec<String> = rows
            .iter()
            .filter(|row| !self.delete.contains(row))
            .chain(&self.insert)
            .cloned()
            .collect();
        after.sort_unstable();
        after
    }
}

impl From<&Step> for RowEdit {
    fn from(step: &Step) -> Self {
        Self {
            delete: step.delete.iter().map(ToString::to_string).collect(),
            insert: step.insert.iter().map(ToString::to_string).collect(),
        }
    }
}
