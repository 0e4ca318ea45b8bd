//! Which revisions are tested, and in how many stretches.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

use crate::graph::{NodeIx, NodeSet, Target, TargetDefect, TargetRange};
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::schema::facts::Scope;
use crate::source::changed_since;

/// How few revisions a job of its own is not made for, where nobody said how many jobs there are.
const WORTH_A_JOB: usize = 6;
/// How many jobs there are at most, where nobody said how many.
const JOBS: usize = 4;

/// What `test` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct RoundTripRequest {
    /// Which revisions; none is all of them.
    pub which: Option<Which>,
    /// Only those of whose files one is not as it was at this commit.
    pub changed_since: Option<String>,
    /// Files of rows, relative to `folder`.
    pub data: Vec<PathBuf>,
    /// The current folder.
    pub folder: PathBuf,
    /// What of the states is compared.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
    /// On how many scratch servers at a time.
    pub jobs: Option<NonZeroUsize>,
}

/// Revisions, as they are typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// `head`, a revision or label: what it names.
    Target(Target),
    /// `a:b`, `a:` or `:b`: both ends, and what lies between them.
    Range(TargetRange),
}

impl Which {
    /// Reads a target or a range.
    ///
    /// # Errors
    /// What is neither.
    pub fn parse(text: &str) -> Result<Self, TargetDefect> {
        if text.contains(':') {
            TargetRange::parse(text).map(Self::Range)
        } else {
            Target::parse(text).map(Self::Target)
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(target) => target.fmt(f),
            Self::Range(range) => range.fmt(f),
        }
    }
}

/// What is tested, and what is run for that.
#[derive(Debug)]
pub(super) struct Selection {
    /// The revisions that are tested.
    pub(super) tested: NodeSet,
    /// These and everything beneath them, in graph order.
    pub(super) order: Vec<NodeIx>,
}

impl Migrator {
    pub(super) async fn selection(&self, request: &RoundTripRequest) -> Result<Selection, Error> {
        let graph = &self.versions.graph;
        let mut tested = match &request.which {
            None => graph.all(),
            Some(Which::Target(target)) => graph.set(self.told(graph.resolve(target, None))?),
            Some(Which::Range(range)) => self.told(graph.resolve_range(range, None))?,
        };
        if let Some(reference) = &request.changed_since {
            tested = tested.intersection(&self.changed(reference).await?);
        }
        let order = graph.upgrade_order(graph.applied(tested.iter()).nodes());
        Ok(Selection { tested, order })
    }

    /// The revisions of whose files one is not as it was at a commit, or is gone since.
    async fn changed(&self, reference: &str) -> Result<NodeSet, Error> {
        let files = changed_since(&self.settings.root, reference).await?;
        let graph = &self.versions.graph;
        let is_changed = |node: &NodeIx| {
            let revision = self.versions.revision(*node);
            let scripts = [
                Some(revision.file()),
                revision.down_file(),
                revision.verify_file(),
            ];
            let up = revision.file().canonicalize();
            let up = up.unwrap_or_else(|_| revision.file().to_owned());
            let gone = ["down", "verify"].into_iter().any(|kind| {
                let name = up.to_string_lossy();
                let stem = name.strip_suffix(".up.sql");
                stem.is_some_and(|stem| {
                    files.contains(&PathBuf::from(format!("{stem}.{kind}.sql")))
                })
            });
            gone || scripts.into_iter().flatten().any(|file| {
                let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
                files.contains(&real)
            })
        };
        Ok(graph.set(graph.nodes().filter(is_changed)))
    }
}

impl Selection {
    /// How many jobs share the work: as many as were asked for, or as the machine has cores for and
    /// as are worth their server.
    pub(super) fn jobs(&self, asked: Option<NonZeroUsize>) -> usize {
        let tested = self.tested.len();
        match asked {
            Some(asked) => asked.get().min(tested),
            None => {
                let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
                cores.min(JOBS).min(tested.div_ceil(WORTH_A_JOB))
            }
        }
        .max(1)
    }

    /// The order cut into stretches with as many tested revisions each, give or take one.
    pub(super) fn stretches(&self, jobs: usize) -> Vec<Range<usize>> {
        let is_tested = |at: &usize| self.tested.contains(self.order[*at]);
        let places: Vec<usize> = (0..self.order.len()).filter(is_tested).collect();
        let starts = (0..jobs).map(|job| match job {
            0 => 0,
            _ => places[job * places.len() / jobs],
        });
        let starts: Vec<usize> = starts.collect();
        let ends = starts.iter().copied().skip(1).chain([self.order.len()]);
        starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(a, b)| a..b)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::drawing::graph;

    fn selection(drawing: &str, tested: &str) -> Selection {
        let graph = graph(drawing);
        let nodes = tested.split(' ').map(|id| graph.find(id).unwrap());
        let tested = graph.set(nodes);
        let order = graph.upgrade_order(graph.applied(tested.iter()).nodes());
        Selection { tested, order }
    }

    #[test]
    fn stretches_share_what_is_tested() {
        let all = selection("a; b<-a; c<-b; d<-c; e<-d", "a b c d e");
        assert_eq!(all.stretches(1), vec![0..5; 1]);
        assert_eq!(all.stretches(2), [0..2, 2..5]);
        assert_eq!(all.stretches(5), [0..1, 1..2, 2..3, 3..4, 4..5]);
        let some = selection("a; b<-a; c<-b; d<-c; e<-d", "c d");
        assert_eq!(some.stretches(2), [0..3, 3..4]);
        assert_eq!(some.jobs(NonZeroUsize::new(9)), 2);
        assert_eq!(some.jobs(None), 1);
    }

    #[test]
    fn targets_and_ranges() {
        assert_eq!(Which::parse("a:").unwrap().to_string(), "a:");
        assert!(matches!(Which::parse("head").unwrap(), Which::Target(_)));
        assert!(Which::parse("a:b:c").is_err());
        assert!(Which::parse("").is_err());
    }
}
