//! Rings of edges.

use super::edges::Edges;
use super::node::{NodeIx, NodeSet};

/// Rings along `edges` outside `skipped`, found in the order of `starts` (every node once); no two
/// share a node, and every ring there is shares a node with one of these. The nodes of the rings
/// found are put into `skipped`.
///
/// One depth-first walk: where it comes back to a node of its own path, the ring is taken out, and
/// the walk goes on from what is left of the path. Linear in nodes and edges.
pub(super) fn rings(edges: &Edges, starts: &[NodeIx], skipped: &mut NodeSet) -> Vec<Vec<NodeIx>> {
    const OFF_PATH: usize = usize::MAX;
    let mut rings = Vec::new();
    let mut done = skipped.clone();
    let mut place = vec![OFF_PATH; edges.len()];
    let mut path: Vec<(NodeIx, usize)> = Vec::new();
    for &start in starts {
        if done.contains(start) {
            continue;
        }
        place[start.index()] = 0;
        path.push((start, 0));
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&to) = edges.of(node).get(*next) else {
                done.insert(node);
                place[node.index()] = OFF_PATH;
                path.pop();
                continue;
            };
            *next += 1;
            if done.contains(to) {
                continue;
            }
            match place[to.index()] {
                OFF_PATH => {
                    place[to.index()] = path.len();
                    path.push((to, 0));
                }
                from => {
                    let ring: Vec<NodeIx> = path.drain(from..).map(|(node, _)| node).collect();
                    for &node in &ring {
                        done.insert(node);
                        skipped.insert(node);
                        place[node.index()] = OFF_PATH;
                    }
                    rings.push(ring);
                }
            }
        }
    }
    rings
}
