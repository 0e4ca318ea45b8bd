//! What a policy's expression tree tells: which columns it looks at, what it calls how often, what
//! its sub-queries read. Pure; names come from [`Names`].

use std::collections::{BTreeMap, BTreeSet};

use super::node::Node;
use crate::schema::{Call, Comparison, Expression, SubQuery, SubQueryKind, Wrapping};
use crate::sql::QualifiedName;

/// What the numbers in a tree stand for.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) functions: BTreeMap<u32, QualifiedName>,
    pub(super) relations: BTreeMap<u32, QualifiedName>,
    pub(super) columns: BTreeMap<(u32, i16), String>,
    /// The operators whose name is `=`.
    pub(super) equalities: BTreeSet<u32>,
}

/// The numbers in trees that are to be looked up.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) functions: BTreeSet<u32>,
    pub(super) relations: BTreeSet<u32>,
    pub(super) operators: BTreeSet<u32>,
}

impl Wanted {
    pub(super) fn add(&mut self, tree: &Node) {
        tree.visit(&mut |node| {
            self.functions.extend(node.number::<u32>("funcid"));
            self.relations
                .extend(node.number::<u32>("relid").filter(|relid| *relid != 0));
            self.operators.extend(node.number::<u32>("opno"));
        });
    }
}

/// What the tree of a policy on the relation `relid` tells.
pub(super) fn read(sql: String, tree: &Node, relid: u32, names: &Names) -> Expression {
    let mut walk = Walk {
        names,
        relid,
        stack: Vec::new(),
        scopes: Vec::new(),
        calls: Vec::new(),
        found: Expression {
            sql,
            constant: constant(tree, names),
            ..Expression::default()
        },
    };
    walk.node(tree);
    walk.filters(tree);
    walk.finish()
}

/// A query that is being walked, or was.
struct Scope {
    kind: SubQueryKind,
    parent: Option<usize>,
    /// The relation at each place of its range table; 0 where there is none.
    range: Vec<u32>,
    relations: BTreeSet<QualifiedName>,
    correlated: bool,
    looks_out: bool,
    comparisons: Vec<Comparison>,
}

struct Walk<'a> {
    names: &'a Names,
    relid: u32,
    /// The queries around, the outermost first.
    stack: Vec<usize>,
    scopes: Vec<Scope>,
    calls: Vec<(QualifiedName, Option<usize>)>,
    found: Expression,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node) {
        match node.label() {
            "VAR" => self.variable(node),
            "FUNCEXPR" => {
                let function = node.number::<u32>("funcid");
                if let Some(name) = function.and_then(|oid| self.names.functions.get(&oid)) {
                    self.calls.push((name.clone(), self.stack.last().copied()));
                }
                self.children(node, &[]);
            }
            "OPEXPR" => {
                self.comparison(node);
                self.children(node, &[]);
            }
            "CONST" => self.found.texts.extend(text(node)),
            "SUBLINK" => {
                self.children(node, &["subselect"]);
                if let Some(query) = node.field("subselect") {
                    self.query(query, kind(node));
                }
            }
            "QUERY" => self.query(node, SubQueryKind::From),
            _ => self.children(node, &[]),
        }
    }

    fn children(&mut self, node: &Node, without: &[&str]) {
        match node {
            Node::Struct { fields, .. } => {
                for (name, values) in fields {
                    if !without.contains(&name.as_str()) {
                        values.iter().for_each(|value| self.node(value));
                    }
                }
            }
            Node::List(items) => items.iter().for_each(|item| self.node(item)),
            Node::Word(_) | Node::Null => {}
        }
    }

    fn query(&mut self, query: &Node, kind: SubQueryKind) {
        let range: Vec<u32> = query
            .items("rtable")
            .iter()
            .map(|entry| {
                let relation = entry.word("rtekind") == Some("0");
                let relid = entry.number("relid").filter(|_| relation);
                relid.unwrap_or(0)
            })
            .collect();
        let named = |relid: &u32| self.names.relations.get(relid).cloned();
        let index = self.scopes.len();
        self.scopes.push(Scope {
            kind,
            parent: self.stack.last().copied(),
            relations: range.iter().filter_map(named).collect(),
            range,
            correlated: false,
            looks_out: false,
            comparisons: Vec::new(),
        });
        self.stack.push(index);
        self.children(query, &[]);
        self.stack.pop();
        if kind == SubQueryKind::From
            && let Some(parent) = self.stack.last()
        {
            let relations = self.scopes[index].relations.clone();
            self.scopes[*parent].relations.extend(relations);
        }
    }

    /// How many queries out from the innermost the variable's is; `None` is the policy's own row.
    fn level(&self, variable: &Node) -> Option<usize> {
        let up: usize = variable.number("varlevelsup")?;
        self.stack.len().checked_sub(up + 1)
    }

    fn is_own_row(&self, node: &Node) -> bool {
        node.label() == "VAR" && self.level(node).is_none()
    }

    fn variable(&mut self, variable: &Node) {
        let attribute: i16 = variable.number("varattno").unwrap_or(0);
        match self.level(variable) {
            None => {
                for scope in &self.stack {
                    self.scopes[*scope].correlated = true;
                    self.scopes[*scope].looks_out = true;
                }
                let column = self.names.columns.get(&(self.relid, attribute));
                self.found.columns.extend(column.cloned());
            }
            Some(level) => {
                for scope in &self.stack[level + 1..] {
                    self.scopes[*scope].looks_out = true;
                }
            }
        }
    }

    /// A column of the innermost query that is compared.
    fn comparison(&mut self, operator: &Node) {
        let Some(scope) = self.stack.last().copied() else {
            return;
        };
        if !is_equality(operator, self.names) {
            return;
        }
        let sides: Vec<Option<(usize, u32, i16)>> = operator
            .items("args")
            .iter()
            .map(|side| {
                let side = stripped(side);
                if side.label() != "VAR" || side.word("varlevelsup") != Some("0") {
                    return None;
                }
                let place = side.number::<usize>("varno")?;
                let relid = *self.scopes[scope].range.get(place.checked_sub(1)?)?;
                Some((place, relid, side.number("varattno")?))
            })
            .collect();
        let with_itself = sides.len() == 2 && sides[0].is_some() && sides[0] == sides[1];
        let count = if with_itself { 1 } else { 2 };
        for (_, relid, attribute) in sides.into_iter().take(count).flatten() {
            let relation = self.names.relations.get(&relid);
            let column = self.names.columns.get(&(relid, attribute));
            if let (Some(relation), Some(column)) = (relation, column) {
                self.scopes[scope].comparisons.push(Comparison {
                    relation: relation.clone(),
                    column: column.clone(),
                    with_itself,
                });
            }
        }
    }

    /// The columns of the policy's row that an index could find, through AND and OR.
    fn filters(&mut self, node: &Node) {
        match node.label() {
            "BOOLEXPR" if node.word("boolop") != Some("not") => {
                for part in node.items("args") {
                    self.filters(part);
                }
            }
            "OPEXPR" | "SCALARARRAYOPEXPR" if is_equality(node, self.names) => {
                let [one, other] = node.items("args") else {
                    return;
                };
                for (column, value) in [(one, other), (other, one)] {
                    let column = stripped(column);
                    if self.is_own_row(column) && !self.looks_at_row(value) {
                        let attribute = column.number("varattno").unwrap_or(0);
                        let name = self.names.columns.get(&(self.relid, attribute));
                        self.found.filters.extend(name.cloned());
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a value differs from row to row; asked at the level of the policy.
    fn looks_at_row(&self, value: &Node) -> bool {
        fn look(node: &Node, depth: usize) -> bool {
            match node {
                Node::Struct { label, fields } => {
                    let up = node.number::<usize>("varlevelsup");
                    if label == "VAR" {
                        return up == Some(depth);
                    }
                    let depth = depth + usize::from(label == "QUERY");
                    let mut values = fields.iter().flat_map(|(_, values)| values);
                    values.any(|value| look(value, depth))
                }
                Node::List(items) => items.iter().any(|item| look(item, depth)),
                Node::Word(_) | Node::Null => false,
            }
        }
        look(value, 0)
    }

    fn finish(self) -> Expression {
        let mut found = self.found;
        found.calls = self
            .calls
            .into_iter()
            .map(|(function, scope)| Call {
                function,
                wrapping: wrapping(&self.scopes, scope),
            })
            .collect();
        found.sub_queries = self
            .scopes
            .into_iter()
            .map(|scope| SubQuery {
                kind: scope.kind,
                relations: scope.relations,
                correlated: scope.correlated,
                comparisons: scope.comparisons,
            })
            .collect();
        found
    }
}

/// How often a call in a query runs: a query without FROM that looks at nothing outside runs once.
fn wrapping(scopes: &[Scope], scope: Option<usize>) -> Wrapping {
    let Some(at) = scope.map(|index| &scopes[index]) else {
        return Wrapping::EachRow;
    };
    if !at.range.is_empty() {
        return Wrapping::EachSubQueryRow;
    }
    if !at.looks_out {
        return Wrapping::Once;
    }
    wrapping(scopes, at.parent)
}

/// The node without changes of type that cost nothing.
fn stripped(node: &Node) -> &Node {
    match node.label() {
        "RELABELTYPE" | "COERCEVIAIO" => node.field("arg").map_or(node, stripped),
        _ => node,
    }
}

fn is_equality(node: &Node, names: &Names) -> bool {
    node.number("opno")
        .is_some_and(|operator: u32| names.equalities.contains(&operator))
}

fn kind(sub_link: &Node) -> SubQueryKind {
    match sub_link.word("subLinkType") {
        Some("0") => SubQueryKind::Exists,
        Some("1") => SubQueryKind::All,
        Some("2") => SubQueryKind::Any,
        Some("6") => SubQueryKind::Array,
        _ => SubQueryKind::Value,
    }
}

/// The bytes of a constant.
fn bytes(constant: &Node) -> Option<Vec<u8>> {
    let values = constant.values("constvalue");
    let inner = values.get(2..values.len().checked_sub(1)?)?;
    inner
        .iter()
        .map(|value| match value {
            // The server prints signed bytes.
            Node::Word(word) => word.parse::<i16>().ok().map(|byte| byte.to_le_bytes()[0]),
            _ => None,
        })
        .collect()
}

/// The text of a constant that is one: `text`, `varchar` or an unknown literal.
fn text(constant: &Node) -> Option<String> {
    let kind: u32 = constant.number("consttype")?;
    let bytes = bytes(constant)?;
    let content = match kind {
        25 | 1043 => bytes.get(4..)?,
        705 => bytes.strip_suffix(&[0])?,
        _ => return None,
    };
    String::from_utf8(content.to_vec()).ok()
}

/// What a condition is, whatever the row.
fn constant(node: &Node, names: &Names) -> Option<bool> {
    match node.label() {
        "CONST" if node.word("consttype") == Some("16") => {
            bytes(node)?.first().map(|byte| *byte != 0)
        }
        "OPEXPR" if is_equality(node, names) => {
            let [one, other] = node.items("args") else {
                return None;
            };
            let value = |node: &Node| (node.label() == "CONST").then(|| bytes(node)).flatten();
            match (value(one), value(other)) {
                (Some(one), Some(other)) => Some(one == other),
                _ => None,
            }
        }
        "BOOLEXPR" => {
            let parts: Vec<Option<bool>> = node
                .items("args")
                .iter()
                .map(|part| constant(part, names))
                .collect();
            match node.word("boolop")? {
                "not" => parts.first().copied().flatten().map(|part| !part),
                "or" if parts.contains(&Some(true)) => Some(true),
                "and" if parts.contains(&Some(false)) => Some(false),
                "and" if parts.iter().all(|part| *part == Some(true)) => Some(true),
                "or" if parts.iter().all(|part| *part == Some(false)) => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
