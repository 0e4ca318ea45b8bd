use std::collections::BTreeSet;

use crate::config::CheckPart;
use crate::migrator::operations::Replays;

/// What `check` is asked to do.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The parts to look at. The others are told as switched off.
    pub parts: BTreeSet<CheckPart>,
    /// Those of them that were named: where one cannot be looked at, that is a finding.
    pub named: BTreeSet<CheckPart>,
    /// Whether several heads are a finding.
    pub heads: SeveralHeads,
    /// Whether the database of the settings is asked.
    pub database: TheDatabase,
    /// Whether what the revisions build is taken from the cache.
    pub replays: Replays,
}

/// What several heads are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeveralHeads {
    /// A finding.
    Found,
    /// As it is meant to be.
    Allowed,
}

/// Whether the database of the settings is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TheDatabase {
    /// It is, where the settings name one.
    Asked,
    /// It is not.
    LeftAlone,
}
