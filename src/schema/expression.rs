use std::collections::BTreeSet;

use crate::sql::QualifiedName;

/// A policy's condition: its text, and what its tree tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expression {
    /// As PostgreSQL writes it.
    pub sql: String,
    /// It is a constant.
    pub constant: Option<bool>,
    /// The columns of the policy's own table that it looks at, in sub-queries too.
    pub columns: BTreeSet<String>,
    /// The columns of the policy's own table that it compares with what is known before a row is
    /// looked at, and that an index could find.
    pub filters: BTreeSet<String>,
    /// The functions that it calls, in the order in which they stand.
    pub calls: Vec<Call>,
    /// Its sub-queries, those in sub-queries too, an outer one before those in it.
    pub sub_queries: Vec<SubQuery>,
    /// The texts that stand in it.
    pub texts: BTreeSet<String>,
}

/// A function that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function.
    pub function: QualifiedName,
    /// How often it runs.
    pub wrapping: Wrapping,
}

/// Whether a call runs once a statement or once a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// It stands in a sub-query of its own, `(select f())`, which runs once.
    Once,
    /// It runs for each row of the policy's table.
    EachRow,
    /// It runs for each row that a sub-query reads.
    EachSubQueryRow,
}

/// A sub-query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubQuery {
    /// How it stands in the expression.
    pub kind: SubQueryKind,
    /// What it reads, sub-queries in its FROM included.
    pub relations: BTreeSet<QualifiedName>,
    /// It looks at the row that the policy is asked about.
    pub correlated: bool,
    /// The comparisons of its own columns in it.
    pub comparisons: Vec<Comparison>,
}

/// How a sub-query stands in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubQueryKind {
    /// `exists (select …)`
    Exists,
    /// `x in (select …)`, `x = any (select …)`
    Any,
    /// `x = all (select …)`, `not in` does not count here
    All,
    /// `(select …)` as a value or a row
    Value,
    /// `array(select …)`
    Array,
    /// One in the FROM of another.
    From,
}

/// A column of a sub-query's own relations that is compared there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The relation that the column is of.
    pub relation: QualifiedName,
    /// The column.
    pub column: String,
    /// It is compared with itself.
    pub with_itself: bool,
}
