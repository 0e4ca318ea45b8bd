//! Names and walks: where in the graph a target lies.

use std::collections::BTreeMap;

use crate::graph::target::{Point, Target};
use crate::graph::{AppliedSet, Graph, NodeIx, NodeSet};
use crate::revision::{Direction, nearest};

use super::TargetError;

/// For how many heads their common branch point is looked for: each costs a walk to the base.
const HEADS_COMPARED: usize = 16;

/// Where a target lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// At these revisions, in upgrade order, each once; at least one.
    At(Vec<NodeIx>),
    /// Before these bases, to which a walk came down.
    Beneath(Vec<NodeIx>),
    /// Before everything.
    Base,
}

impl Place {
    /// The revisions it lies at; none before the first.
    pub(super) fn nodes(self) -> Vec<NodeIx> {
        match self {
            Self::At(nodes) => nodes,
            Self::Beneath(_) | Self::Base => Vec::new(),
        }
    }
}

/// What a walk does at the end of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwalk {
    /// It is refused.
    Refused,
    /// It stops there.
    Stops,
}

/// One target, being resolved.
pub(super) struct Resolver<'a> {
    pub(super) graph: &'a Graph,
    pub(super) target: &'a Target,
    applied: Option<&'a AppliedSet>,
    branch: Option<Branch>,
    overwalk: Overwalk,
}

/// The branch that a target is narrowed to.
pub(super) struct Branch {
    /// The revision that carries the label, or that was named.
    pub(super) node: NodeIx,
    pub(super) lineage: NodeSet,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        target: &'a Target,
        applied: Option<&'a AppliedSet>,
    ) -> Result<Self, TargetError> {
        let mut resolver = Self {
            graph,
            target,
            applied,
            branch: None,
            overwalk: Overwalk::Refused,
        };
        if let Some(name) = target.branch() {
            let node = resolver.named(name)?;
            let lineage = graph.lineage(node);
            resolver.branch = Some(Branch { node, lineage });
        }
        Ok(resolver)
    }

    pub(super) fn overwalking(self, overwalk: Overwalk) -> Self {
        Self { overwalk, ..self }
    }

    pub(super) fn branch(&self) -> Option<&Branch> {
        self.branch.as_ref()
    }

    /// Where the target lies. Bare steps down count from the heads.
    pub(super) fn place(&self) -> Result<Place, TargetError> {
        let (starts, steps) = self.start()?;
        match steps {
            0 => Ok(at(starts)),
            1.. => Ok(Place::At(vec![self.up(&starts, steps.unsigned_abs())?])),
            _ => self.down(&starts, steps.unsigned_abs()),
        }
    }

    /// Where it starts (none for the base) and how many steps are left to walk.
    fn start(&self) -> Result<(Vec<NodeIx>, i64), TargetError> {
        let steps = self.target.steps();
        let nodes = match self.target.point() {
            Point::Head => self.head()?.into_iter().collect(),
            Point::Heads => self.heads(),
            Point::Here if steps < 0 => {
                let mut heads = self.graph.real_heads();
                heads.retain(|&head| self.is_on_branch(head));
                if heads.is_empty() {
                    heads = self.heads();
                }
                heads
            }
            Point::Here => {
                return Err(TargetError::NoStart {
                    target: self.text(),
                });
            }
            Point::Base => Vec::new(),
            Point::Current => match self.applied {
                Some(applied) => self.positions(applied),
                None => {
                    return Err(TargetError::NoCurrent {
                        target: self.text(),
                    });
                }
            },
            Point::Name(name) => {
                if let Some(whole) = self.target.whole_name() {
                    let exact = self.graph.find(whole).is_some();
                    let begins = || {
                        self.graph.find(name).is_none() && !self.beginning_with(whole).is_empty()
                    };
                    if exact || begins() {
                        return Ok((vec![self.named(whole)?], 0));
                    }
                }
                vec![self.named(name)?]
            }
        };
        Ok((nodes, steps))
    }

    /// The revision of an id or label, or of the only name on the branch that begins with `name`.
    fn named(&self, name: &str) -> Result<NodeIx, TargetError> {
        if let Some(node) = self.graph.find(name) {
            return self.on_branch(node);
        }
        let mut matches = self.beginning_with(name);
        if let Some((node, _)) = matches.pop_first() {
            if matches.is_empty() {
                return Ok(node);
            }
            let all = self.graph.with_prefix(name).iter();
            let all = all.filter(|(_, node)| self.is_on_branch(*node));
            return Err(TargetError::Ambiguous {
                target: self.text(),
                name: name.to_owned(),
                matches: all.map(|(name, _)| name.as_str().to_owned()).collect(),
            });
        }
        if let [(_, node)] = self.graph.with_prefix(name) {
            return self.on_branch(*node);
        }
        let keyword = nearest(name, ["head", "heads", "base", "current"]);
        let mut candidates = self.graph.nearest(name);
        candidates.extend(keyword.map(str::to_owned));
        Err(TargetError::Unknown {
            target: self.text(),
            name: name.to_owned(),
            candidates,
        })
    }

    /// Revisions on the branch whose id or label begins with `text`.
    fn beginning_with(&self, text: &str) -> BTreeMap<NodeIx, ()> {
        let names = self.graph.with_prefix(text).iter();
        let nodes = names.map(|(_, node)| (*node, ()));
        nodes
            .filter(|(node, ())| self.is_on_branch(*node))
            .collect()
    }

    fn on_branch(&self, node: NodeIx) -> Result<NodeIx, TargetError> {
        if self.is_on_branch(node) {
            return Ok(node);
        }
        Err(TargetError::NotOnBranch {
            target: self.text(),
            revision: self.graph.id(node).clone(),
            branch: self.target.branch().unwrap_or_default().to_owned(),
        })
    }

    pub(super) fn is_on_branch(&self, node: NodeIx) -> bool {
        let branch = self.branch.as_ref();
        branch.is_none_or(|branch| branch.lineage.contains(node))
    }

    /// The one head (of the branch); none where there is no revision at all.
    fn head(&self) -> Result<Option<NodeIx>, TargetError> {
        let mut heads = self.graph.heads();
        heads.retain(|&head| self.is_on_branch(head));
        match heads[..] {
            [] => Ok(None),
            [head] => Ok(Some(head)),
            _ => Err(self.multiple_heads(&heads)),
        }
    }

    /// The real heads, or the heads of the branch.
    fn heads(&self) -> Vec<NodeIx> {
        if self.branch.is_none() {
            return self.graph.real_heads();
        }
        let mut heads = self.graph.heads();
        heads.retain(|&head| self.is_on_branch(head));
        heads
    }

    pub(super) fn multiple_heads(&self, heads: &[NodeIx]) -> TargetError {
        let graph = self.graph;
        let downs = heads.iter().flat_map(|&head| graph.downs(head));
        let beneath = graph.closure(&graph.downs, downs.copied());
        let apart = heads
            .iter()
            .copied()
            .filter(|&head| !beneath.contains(head));
        TargetError::MultipleHeads {
            target: self.text(),
            heads: graph.ids(heads.iter().copied()),
            apart: graph.ids(apart),
            branch_point: self
                .common_ancestor(heads)
                .map(|node| self.graph.id(node).clone()),
        }
    }

    fn common_ancestor(&self, nodes: &[NodeIx]) -> Option<NodeIx> {
        if nodes.len() > HEADS_COMPARED {
            return None;
        }
        let beneath = |&node| self.graph.closure(&self.graph.parents, [node]);
        let common = nodes.iter().map(beneath);
        let common = common.reduce(|common, more| common.intersection(&more))?;
        let newest = |node: &NodeIx| self.graph.position[node.index()];
        common.iter().max_by_key(newest)
    }

    /// Where the database stands, or where it stands on the branch: its rows there, else the
    /// applied revisions of the branch upon which nothing applied of it is.
    pub(super) fn positions(&self, applied: &AppliedSet) -> Vec<NodeIx> {
        let mut rows = self.graph.tips(applied);
        rows.retain(|&row| self.is_on_branch(row));
        match &self.branch {
            Some(branch) if rows.is_empty() => {
                let there = branch.lineage.clone().intersection(applied.nodes());
                let stands_alone = |&node: &NodeIx| {
                    let mut ups = self.graph.ups(node).iter();
                    !ups.any(|&up| there.contains(up))
                };
                let mut tips: Vec<NodeIx> = there.iter().filter(stands_alone).collect();
                self.graph.sort(&mut tips);
                tips
            }
            _ => rows,
        }
    }

    /// Walks up from `starts`, from the base where there is none.
    pub(super) fn up(&self, starts: &[NodeIx], steps: u64) -> Result<NodeIx, TargetError> {
        let mut from = starts.to_vec();
        for walked in 0..steps {
            let mut next: Vec<NodeIx> = if from.is_empty() {
                self.graph.bases()
            } else {
                let children = from.iter().flat_map(|&node| self.graph.children(node));
                children.copied().collect()
            };
            next.retain(|&node| self.is_on_branch(node));
            self.graph.sort(&mut next);
            match (&next[..], self.overwalk) {
                ([_], _) => from = next,
                ([], Overwalk::Stops) if !from.is_empty() => break,
                ([], _) => return Err(self.too_far(steps, walked)),
                (choices, _) => {
                    return Err(self.ambiguous_walk(&from, Direction::Upgrade, choices));
                }
            }
        }
        // At least one step was walked, or the start was the only place to stop at.
        from.last().copied().ok_or_else(|| self.too_far(steps, 0))
    }

    /// Walks down from each of `starts`.
    fn down(&self, starts: &[NodeIx], steps: u64) -> Result<Place, TargetError> {
        if starts.is_empty() && self.overwalk == Overwalk::Refused {
            return Err(self.too_far(steps, 0));
        }
        let (mut landed, mut bases) = (Vec::new(), Vec::new());
        'starts: for &start in starts {
            let mut node = start;
            for walked in 1..=steps {
                let mut next = self.graph.parents(node).to_vec();
                if next.len() > 1 {
                    next.retain(|&node| self.is_on_branch(node));
                }
                match next[..] {
                    [parent] => node = parent,
                    [] if walked == steps || self.overwalk == Overwalk::Stops => {
                        bases.push(node);
                        continue 'starts;
                    }
                    [] => return Err(self.too_far(steps, walked)),
                    _ => return Err(self.ambiguous_walk(&[node], Direction::Downgrade, &next)),
                }
            }
            landed.push(node);
        }
        if self.overwalk == Overwalk::Stops && !landed.is_empty() {
            landed.append(&mut bases);
        }
        self.graph.sort(&mut landed);
        self.graph.sort(&mut bases);
        Ok(match (&landed[..], &bases[..]) {
            ([], []) => Place::Base,
            ([], _) => Place::Beneath(bases),
            _ => Place::At(landed),
        })
    }

    pub(super) fn too_far(&self, asked: u64, available: u64) -> TargetError {
        TargetError::WalkedTooFar {
            target: self.text(),
            asked,
            available,
        }
    }

    fn ambiguous_walk(
        &self,
        from: &[NodeIx],
        direction: Direction,
        choices: &[NodeIx],
    ) -> TargetError {
        TargetError::AmbiguousWalk {
            target: self.text(),
            from: self.graph.ids(from.iter().copied()),
            direction,
            choices: self.graph.ids(choices.iter().copied()),
        }
    }

    pub(super) fn text(&self) -> String {
        self.target.as_str().to_owned()
    }
}

fn at(nodes: Vec<NodeIx>) -> Place {
    if nodes.is_empty() {
        Place::Base
    } else {
        Place::At(nodes)
    }
}

impl Graph {
    /// The revisions that a target means where one is looked at or built on (`show`, `edit`,
    /// `merge`, `revision --head`), in upgrade order; none for the base. Bare steps down count
    /// from the heads, as in Alembic.
    ///
    /// # Errors
    /// If the target means nothing here; `current` needs `applied`.
    pub fn resolve(
        &self,
        target: &Target,
        applied: Option<&AppliedSet>,
    ) -> Result<Vec<NodeIx>, TargetError> {
        let place = Resolver::new(self, target, applied)?.place()?;
        Ok(place.nodes())
    }

    /// What is applied where `target` is where a database stands: the start of an offline script.
    ///
    /// # Errors
    /// If the target means nothing, or hangs on a database.
    pub fn applied_at(&self, target: &Target) -> Result<AppliedSet, TargetError> {
        Ok(self.applied(self.resolve(target, None)?))
    }
}
