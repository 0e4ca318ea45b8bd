//! From specs to a graph, or to everything that is wrong with them.

use super::cycle::rings;
use super::defect::{Entry, GraphDefect, Site};
use super::edges::Edges;
use super::labels::Spread;
use super::names::{Names, sort_key};
use super::node::{NodeIx, NodeSet, NodeSpec};
use super::shape::Graph;

/// For how many unknown names candidates are looked for: each look reads every name.
const LOOKED_UP: usize = 20;

impl Graph {
    /// Builds the graph of `specs`; a spec's index becomes its node's.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the specs: ids used twice, unknown parents and
    /// dependencies, revisions that stand on themselves, cycles, clashing labels, parents named
    /// twice.
    pub fn build(specs: Vec<NodeSpec>) -> Result<Self, Vec<GraphDefect>> {
        let mut reader = Reader::new(&specs);
        reader.read_labels();
        reader.read_edges();
        reader.find_rings();
        let Reader {
            names,
            ranked,
            edges,
            mut defects,
            ..
        } = reader;
        if !defects.is_empty() {
            defects.sort_by_key(|defect| defect.sites().first().copied());
            return Err(defects);
        }
        let parents = packed(specs.len(), &edges, false);
        let dependencies = packed(specs.len(), &edges, true);
        let downs = parents.joined(&dependencies);
        let mut graph = Self {
            names,
            children: parents.reversed(&ranked),
            dependants: dependencies.reversed(&ranked),
            ups: downs.reversed(&ranked),
            parents,
            dependencies,
            downs,
            rank: places(&ranked),
            ranked,
            order: Vec::new(),
            position: Vec::new(),
            spread: Spread::default(),
            specs,
        };
        graph.order = graph.upgrade_order(&graph.all());
        graph.position = places(&graph.order);
        graph.spread = Spread::new(&graph);
        Ok(graph)
    }
}

/// Each node's place in `list`, which has every node once.
fn places(list: &[NodeIx]) -> Vec<u32> {
    let mut places = vec![0; list.len()];
    for (place, node) in (0u32..).zip(list) {
        places[node.index()] = place;
    }
    places
}

/// An edge as a spec names it.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: NodeIx,
    to: NodeIx,
    entry: Entry,
}

impl Edge {
    fn is_dependency(self) -> bool {
        matches!(self.entry, Entry::Dependency(_))
    }
}

/// The edges of one kind.
fn packed(len: usize, edges: &[Edge], dependencies: bool) -> Edges {
    let edges = edges
        .iter()
        .filter(|edge| edge.is_dependency() == dependencies);
    Edges::new(len, edges.map(|edge| (edge.from, edge.to)))
}

/// Reads specs and gathers their defects.
struct Reader<'a> {
    specs: &'a [NodeSpec],
    names: Names,
    /// Every node, by creation time and then id.
    ranked: Vec<NodeIx>,
    /// Without loops and repetitions; sorted by spec, parents before dependencies.
    edges: Vec<Edge>,
    defects: Vec<GraphDefect>,
    looked_up: usize,
}

impl<'a> Reader<'a> {
    /// Reads the ids.
    fn new(specs: &'a [NodeSpec]) -> Self {
        let mut ranked: Vec<NodeIx> = (0..specs.len()).map(NodeIx::new).collect();
        let id = |node: &NodeIx| &specs[node.index()].id;
        ranked.sort_by_cached_key(|node| sort_key(id(node).as_str()));
        let mut defects = Vec::new();
        for same in ranked.chunk_by(|a, b| id(a) == id(b)) {
            if same.len() > 1 {
                let sites = same.iter().map(|node| site(node.index(), Entry::Id));
                defects.push(GraphDefect::DuplicateId {
                    id: id(&same[0]).clone(),
                    sites: sites.collect(),
                });
            }
        }
        let names = Names::new(ranked.iter().map(|node| (id(node).clone(), *node)));
        ranked.sort_by_cached_key(|node| specs[node.index()].created);
        Self {
            specs,
            names,
            ranked,
            edges: Vec::new(),
            defects,
            looked_up: 0,
        }
    }

    fn read_labels(&mut self) {
        let mut given: Vec<Site> = Vec::new();
        for (spec, node) in self.specs.iter().enumerate() {
            let entries = 0..node.labels.len();
            given.extend(entries.map(|nth| site(spec, Entry::Label(nth))));
        }
        let specs = self.specs;
        let label = |site: &Site| match site.entry {
            Entry::Label(nth) => &specs[site.spec].labels[nth],
            Entry::Id | Entry::Parent(_) | Entry::Dependency(_) => unreachable!("labels alone"),
        };
        given.sort_by_key(label);
        let mut labels = Vec::new();
        for same in given.chunk_by(|a, b| label(a) == label(b)) {
            let name = label(&same[0]);
            if same.len() > 1 {
                self.defects.push(GraphDefect::SharedLabel {
                    sites: same.to_vec(),
                    label: name.clone(),
                });
            }
            match self.names.find(name.as_str()) {
                Some(node) => self.defects.extend(same.iter().map(|&site| {
                    let revision = self::site(node.index(), Entry::Id);
                    GraphDefect::LabelIsId {
                        site,
                        revision,
                        label: name.clone(),
                    }
                })),
                None => labels.push((name.clone(), NodeIx::new(same[0].spec))),
            }
        }
        self.names.add(labels);
    }

    fn read_edges(&mut self) {
        /// The last spec that named a node, and with which entry.
        const NEVER: (usize, usize) = (usize::MAX, 0);
        let mut as_parent = vec![NEVER; self.specs.len()];
        let mut as_dependency = as_parent.clone();
        for (spec, node) in self.specs.iter().enumerate() {
            let from = NodeIx::new(spec);
            for (nth, parent) in node.revises.iter().enumerate() {
                let site = site(spec, Entry::Parent(nth));
                // A parent is named by its id; a label is no id.
                let to = self.names.find(parent.as_str());
                let to = to.filter(|to| self.specs[to.index()].id == *parent);
                let Some(to) = to else {
                    let mut candidates = self.candidate_ids(parent.as_str());
                    candidates.retain(|id| id != node.id.as_str());
                    self.defects.push(GraphDefect::UnknownParent {
                        site,
                        id: node.id.clone(),
                        parent: parent.clone(),
                        candidates,
                    });
                    continue;
                };
                let (by, first) = std::mem::replace(&mut as_parent[to.index()], (spec, nth));
                if to == from {
                    let id = node.id.clone();
                    self.defects.push(GraphDefect::SelfLoop { site, id });
                } else if by == spec {
                    self.defects.push(GraphDefect::DuplicateParent {
                        site,
                        first: self::site(spec, Entry::Parent(first)),
                        id: node.id.clone(),
                        parent: parent.clone(),
                    });
                } else {
                    let entry = site.entry;
                    self.edges.push(Edge { from, to, entry });
                }
            }
            for (nth, dependency) in node.depends_on.iter().enumerate() {
                let site = site(spec, Entry::Dependency(nth));
                let Some(to) = self.names.find(dependency) else {
                    let mut candidates = self.candidates(dependency);
                    candidates.retain(|name| self.names.find(name) != Some(from));
                    self.defects.push(GraphDefect::UnknownDependency {
                        site,
                        id: node.id.clone(),
                        dependency: dependency.clone(),
                        candidates,
                    });
                    continue;
                };
                let (by, _) = std::mem::replace(&mut as_dependency[to.index()], (spec, nth));
                if to == from {
                    let id = node.id.clone();
                    self.defects.push(GraphDefect::SelfLoop { site, id });
                } else if by != spec {
                    let entry = site.entry;
                    self.edges.push(Edge { from, to, entry });
                }
            }
        }
    }

    /// Rings of parents first, then those that need a dependency and share no revision with them.
    fn find_rings(&mut self) {
        let parents = packed(self.specs.len(), &self.edges, false);
        let downs = parents.joined(&packed(self.specs.len(), &self.edges, true));
        let mut in_ring = NodeSet::empty(self.specs.len());
        for mut ring in rings(&parents, &self.ranked, &mut in_ring)
            .into_iter()
            .chain(rings(&downs, &self.ranked, &mut in_ring))
        {
            let id = |node: &NodeIx| &self.specs[node.index()].id;
            let smallest = (0..ring.len()).min_by_key(|&at| id(&ring[at]));
            ring.rotate_left(smallest.unwrap_or(0));
            let next = ring.iter().cycle().skip(1);
            let sites = ring
                .iter()
                .zip(next)
                .map(|(&from, &to)| self.edge(from, to));
            let sites: Vec<Site> = sites.collect();
            self.defects.push(GraphDefect::Cycle {
                ids: ring.iter().map(id).cloned().collect(),
                dependencies: sites
                    .iter()
                    .any(|site| matches!(site.entry, Entry::Dependency(_))),
                sites,
            });
        }
    }

    /// Where `from` names `to`, as a parent if it does.
    fn edge(&self, from: NodeIx, to: NodeIx) -> Site {
        let start = self.edges.partition_point(|edge| edge.from < from);
        let edges = self.edges[start..].iter();
        let mut edges = edges.take_while(|edge| edge.from == from);
        let entry = edges.find(|edge| edge.to == to);
        site(from.index(), entry.map_or(Entry::Id, |edge| edge.entry))
    }

    /// Ids that a parent's name may have meant: the carrier's, where it is a label.
    fn candidate_ids(&mut self, name: &str) -> Vec<String> {
        let names = match self.names.find(name) {
            Some(_) => vec![name.to_owned()],
            None => self.candidates(name),
        };
        let nodes = names.iter().filter_map(|name| self.names.find(name));
        let mut ids: Vec<String> = Vec::new();
        for node in nodes {
            let id = self.specs[node.index()].id.as_str();
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    fn candidates(&mut self, name: &str) -> Vec<String> {
        if self.looked_up == LOOKED_UP {
            return Vec::new();
        }
        self.looked_up += 1;
        self.names.nearest(name)
    }
}

fn site(spec: usize, entry: Entry) -> Site {
    Site { spec, entry }
}
