//! The graph and what can be asked of its shape.

use crate::revision::RevisionId;

use super::edges::Edges;
use super::labels::Spread;
use super::names::{Name, Names};
use super::node::{NodeIx, NodeSet, NodeSpec};

/// A revision graph without defects. Made by [`Graph::build`].
///
/// Nodes of one graph must not be asked of another.
#[derive(Debug, Clone)]
pub struct Graph {
    pub(super) specs: Vec<NodeSpec>,
    pub(super) names: Names,
    pub(super) parents: Edges,
    pub(super) children: Edges,
    pub(super) dependencies: Edges,
    pub(super) dependants: Edges,
    /// Parents and dependencies, each once.
    pub(super) downs: Edges,
    /// Children and dependants, each once.
    pub(super) ups: Edges,
    /// Every node, by creation time and then id.
    pub(super) ranked: Vec<NodeIx>,
    /// Each node's place in `ranked`.
    pub(super) rank: Vec<u32>,
    /// Every node in upgrade order.
    pub(super) order: Vec<NodeIx>,
    /// Each node's place in `order`.
    pub(super) position: Vec<u32>,
    pub(super) spread: Spread,
}

impl Graph {
    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.specs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty()
    }

    /// Every node, in the order of the specs.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeIx> + ExactSizeIterator + use<> {
        (0..self.len()).map(NodeIx::new)
    }

    /// Every node, as a set.
    #[must_use]
    pub fn all(&self) -> NodeSet {
        NodeSet::full(self.len())
    }

    /// `nodes`, as a set.
    #[must_use]
    pub fn set(&self, nodes: impl IntoIterator<Item = NodeIx>) -> NodeSet {
        NodeSet::of(self.len(), nodes)
    }

    /// What the graph was told of `node`.
    #[must_use]
    pub fn spec(&self, node: NodeIx) -> &NodeSpec {
        &self.specs[node.index()]
    }

    /// The id of `node`.
    #[must_use]
    pub fn id(&self, node: NodeIx) -> &RevisionId {
        &self.spec(node).id
    }

    /// The ids of `nodes`, in the same order.
    pub fn ids(&self, nodes: impl IntoIterator<Item = NodeIx>) -> Vec<RevisionId> {
        nodes
            .into_iter()
            .map(|node| self.id(node).clone())
            .collect()
    }

    /// The node whose id or label is exactly `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeIx> {
        self.names.find(name)
    }

    /// The node whose id is exactly `id`; labels do not count, as in the version table.
    #[must_use]
    pub fn find_id(&self, id: &str) -> Option<NodeIx> {
        self.find(id).filter(|&node| self.id(node).as_str() == id)
    }

    /// Up to three ids and labels that `name` may have meant, nearest first.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Vec<String> {
        self.names.nearest(name)
    }

    /// Names that begin with `text`, each with its node, sorted by name.
    pub(super) fn with_prefix(&self, text: &str) -> &[(Name, NodeIx)] {
        self.names.with_prefix(text)
    }

    /// The parents of `node`, as its header lists them.
    #[must_use]
    pub fn parents(&self, node: NodeIx) -> &[NodeIx] {
        self.parents.of(node)
    }

    /// The revisions whose parent `node` is, oldest first.
    #[must_use]
    pub fn children(&self, node: NodeIx) -> &[NodeIx] {
        self.children.of(node)
    }

    /// What `node` depends on, as its header lists it, labels resolved.
    #[must_use]
    pub fn dependencies(&self, node: NodeIx) -> &[NodeIx] {
        self.dependencies.of(node)
    }

    /// The revisions that depend on `node`, oldest first.
    #[must_use]
    pub fn dependants(&self, node: NodeIx) -> &[NodeIx] {
        self.dependants.of(node)
    }

    /// Parents and dependencies of `node`, each once.
    #[must_use]
    pub fn downs(&self, node: NodeIx) -> &[NodeIx] {
        self.downs.of(node)
    }

    /// Children and dependants of `node`, each once.
    #[must_use]
    pub fn ups(&self, node: NodeIx) -> &[NodeIx] {
        self.ups.of(node)
    }

    /// The dependencies of `node` that its parents and its other dependencies do not imply.
    #[must_use]
    pub fn normalised_dependencies(&self, node: NodeIx) -> Vec<NodeIx> {
        let beneath = self.downs(node).iter().flat_map(|&down| self.downs(down));
        let implied = self.closure(&self.downs, beneath.copied());
        let parents = self.parents(node);
        let dependencies = self.dependencies(node).iter().copied();
        dependencies
            .filter(|&node| !implied.contains(node) && !parents.contains(&node))
            .collect()
    }

    /// Whether no revision has `node` as its parent.
    #[must_use]
    pub fn is_head(&self, node: NodeIx) -> bool {
        self.children(node).is_empty()
    }

    /// Whether no revision has `node` as its parent or depends on it.
    #[must_use]
    pub fn is_real_head(&self, node: NodeIx) -> bool {
        self.ups(node).is_empty()
    }

    /// Whether `node` is a head that another revision depends on: fully upgraded, the version
    /// table does not hold it, because the dependant's row implies it.
    #[must_use]
    pub fn is_effective_head(&self, node: NodeIx) -> bool {
        self.is_head(node) && !self.is_real_head(node)
    }

    /// Whether `node` has no parent.
    #[must_use]
    pub fn is_base(&self, node: NodeIx) -> bool {
        self.parents(node).is_empty()
    }

    /// Whether `node` has several children. Dependants do not count.
    #[must_use]
    pub fn is_branch_point(&self, node: NodeIx) -> bool {
        self.children(node).len() > 1
    }

    /// Whether `node` has several parents.
    #[must_use]
    pub fn is_merge_point(&self, node: NodeIx) -> bool {
        self.parents(node).len() > 1
    }

    /// The heads, in upgrade order.
    #[must_use]
    pub fn heads(&self) -> Vec<NodeIx> {
        self.in_order(|node| self.is_head(node))
    }

    /// The real heads, in upgrade order: what the version table holds when everything is applied.
    #[must_use]
    pub fn real_heads(&self) -> Vec<NodeIx> {
        self.in_order(|node| self.is_real_head(node))
    }

    /// The bases, in upgrade order.
    #[must_use]
    pub fn bases(&self) -> Vec<NodeIx> {
        self.in_order(|node| self.is_base(node))
    }

    /// The branch points, in upgrade order.
    #[must_use]
    pub fn branch_points(&self) -> Vec<NodeIx> {
        self.in_order(|node| self.is_branch_point(node))
    }

    fn in_order(&self, wanted: impl Fn(NodeIx) -> bool) -> Vec<NodeIx> {
        let order = self.order.iter().copied();
        order.filter(|&node| wanted(node)).collect()
    }

    /// `of` and everything that it stands or depends on.
    #[must_use]
    pub fn ancestors(&self, of: &NodeSet) -> NodeSet {
        self.closure(&self.downs, of.iter())
    }

    /// `of` and everything that stands or depends on it.
    #[must_use]
    pub fn descendants(&self, of: &NodeSet) -> NodeSet {
        self.closure(&self.ups, of.iter())
    }

    /// The lineage of `node`: it, what it stands on and what stands on it, by parent edges alone.
    #[must_use]
    pub fn lineage(&self, node: NodeIx) -> NodeSet {
        self.closure(&self.parents, [node])
            .union(&self.closure(&self.children, [node]))
    }

    /// What belongs to the line of `node` alone: its lineage without what any other of `others`
    /// stands on by parent edges.
    ///
    /// With `r; a1<-r; a2<-a1; b1<-r` that is `a1` and `a2` for `a1` among all revisions, since
    /// `b1` stands on `r` too.
    #[must_use]
    pub fn line_alone(&self, node: NodeIx, others: &NodeSet) -> NodeSet {
        let lineage = self.lineage(node);
        let others = others.clone().difference(&lineage);
        lineage.difference(&self.closure(&self.parents, others.iter()))
    }

    /// `seeds` and all that is reached from them along `edges`.
    pub(super) fn closure(
        &self,
        edges: &Edges,
        seeds: impl IntoIterator<Item = NodeIx>,
    ) -> NodeSet {
        let mut reached = NodeSet::empty(self.len());
        let mut todo: Vec<NodeIx> = Vec::new();
        for seed in seeds {
            if reached.insert(seed) {
                todo.push(seed);
            }
        }
        while let Some(node) = todo.pop() {
            for &next in edges.of(node) {
                if reached.insert(next) {
                    todo.push(next);
                }
            }
        }
        reached
    }
}
