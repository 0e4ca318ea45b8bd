use std::collections::BTreeMap;

use super::rule::{Pair, Rule};
use crate::diff::emit::{self, grantee, relation, settings};
use crate::schema::facts::{Fact, Kind, State};
use crate::sql::quote_ident;

/// What to set and what to reset, so that one list of options becomes the other.
pub(super) fn options(old: &[String], new: &[String], prefix: &str) -> (Vec<String>, Vec<String>) {
    let (before, after) = (pairs(old, ""), pairs(new, ""));
    let changed: Vec<String> = new
        .iter()
        .filter(|one| !old.contains(one))
        .cloned()
        .collect();
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let gone = gone.map(|name| format!("{prefix}{}", quote_ident(name)));
    (settings(&changed, prefix), gone.collect())
}

/// A list of `name=value` by name; what has no value has this one.
pub(super) fn pairs<'l>(list: &'l [String], value: &'l str) -> BTreeMap<&'l str, &'l str> {
    let split = |one: &'l String| one.split_once('=').unwrap_or((one, value));
    list.iter().map(split).collect()
}

fn set_options(pair: &Pair) -> Vec<String> {
    let (mut set, mut reset) = options(pair.old.list("options"), pair.new.list("options"), "");
    let toast = "toast_options";
    let (values, names) = options(pair.old.list(toast), pair.new.list(toast), "toast.");
    set.extend(values);
    reset.extend(names);
    let mut made = Vec::new();
    if !reset.is_empty() {
        made.push(format!("RESET ({})", reset.join(", ")));
    }
    if !set.is_empty() {
        made.push(format!("SET ({})", set.join(", ")));
    }
    made
}

pub(super) fn table(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let known = [
        "unlogged",
        "access_method",
        "tablespace",
        "options",
        "toast_options",
        "of_type",
        "server_options",
    ];
    if !pair.only(&known) {
        return Rule::Replace;
    }
    let mut made = set_options(pair);
    if pair.differs("unlogged") {
        let word = if new.flag("unlogged") {
            "UNLOGGED"
        } else {
            "LOGGED"
        };
        made.push(format!("SET {word}"));
    }
    if pair.differs("access_method") {
        let method = new.text("access_method").unwrap_or("heap");
        made.push(format!("SET ACCESS METHOD {}", quote_ident(method)));
    }
    made.extend(set_tablespace(pair));
    if pair.differs("of_type") {
        made.push(match new.text("of_type") {
            Some(of_type) => format!("OF {of_type}"),
            None => "NOT OF".to_owned(),
        });
    }
    if pair.differs("server_options") {
        let list = "server_options";
        made.push(super::others::server_options(
            old.list(list),
            new.list(list),
        ));
    }
    Rule::InPlace(alter(new, made))
}

fn set_tablespace(pair: &Pair) -> Option<String> {
    pair.differs("tablespace").then(|| {
        let name = pair.new.text("tablespace").unwrap_or("pg_default");
        format!("SET TABLESPACE {}", quote_ident(name))
    })
}

fn alter(fact: &Fact, what: Vec<String>) -> Vec<String> {
    let statement = |what| format!("ALTER {} {} {what}", fact.id.kind.sql(), fact.id.name());
    what.into_iter().map(statement).collect()
}

/// A view can be replaced where it keeps its columns and gets more behind them at most.
pub(super) fn view(from: &State, to: &State, pair: &Pair) -> Rule {
    if pair.only(&["options"]) {
        return Rule::InPlace(alter(pair.new, set_options(pair)));
    }
    let (old, new) = (columns(from, pair.old), columns(to, pair.new));
    if new.starts_with(&old) {
        let made = emit::create(to, pair.new, &[], None).into_iter();
        return Rule::InPlace(
            made.map(|sql| sql.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
                .collect(),
        );
    }
    Rule::Replace
}

/// The names and types of a relation's columns, in their order.
fn columns(state: &State, fact: &Fact) -> Vec<(i64, String, String)> {
    let mut columns: Vec<_> = state
        .under(Kind::Column, fact.id.path())
        .filter(|column| column.parent.as_ref() == Some(&fact.id))
        .map(|column| {
            let position = column.hint_number("position").unwrap_or_default();
            let kind = column.hint("type").unwrap_or_default().to_owned();
            (position, column.id.last().to_owned(), kind)
        })
        .collect();
    columns.sort();
    columns
}

pub(super) fn materialized_view(pair: &Pair) -> Rule {
    let known = [
        "options",
        "toast_options",
        "access_method",
        "tablespace",
        "unpopulated",
    ];
    if !pair.only(&known) {
        return Rule::Replace;
    }
    let mut what = set_options(pair);
    if pair.differs("access_method") {
        let method = pair.new.text("access_method").unwrap_or("heap");
        what.push(format!("SET ACCESS METHOD {}", quote_ident(method)));
    }
    what.extend(set_tablespace(pair));
    let mut made = alter(pair.new, what);
    if pair.differs("unpopulated") {
        let end = if pair.new.flag("unpopulated") {
            " WITH NO DATA"
        } else {
            ""
        };
        made.push(format!(
            "REFRESH MATERIALIZED VIEW {}{end}",
            pair.new.id.name()
        ));
    }
    Rule::InPlace(made)
}

pub(super) fn index(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    if pair.differs("definition") || pair.differs("invalid") {
        return Rule::Replace;
    }
    let name = new.id.name();
    let mut made = Vec::new();
    let before = pairs(old.list("statistics"), "-1");
    let after = pairs(new.list("statistics"), "-1");
    let gone = before.keys().filter(|column| !after.contains_key(*column));
    let gone = gone.map(|column| (*column, "-1"));
    let set = after
        .iter()
        .filter(|(column, target)| before.get(*column) != Some(*target));
    let set = set.map(|(column, target)| (*column, *target));
    for (column, target) in gone.chain(set) {
        made.push(format!(
            "ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"
        ));
    }
    if let Some(set) = set_tablespace(pair) {
        made.push(format!("ALTER INDEX {name} {set}"));
    }
    Rule::InPlace(made)
}

const NOT_VALID: &str = " NOT VALID";

pub(super) fn constraint(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let known = ["definition", "options", "tablespace"];
    if !pair.only(&known) {
        return Rule::Replace;
    }
    let (table, name) = (relation(new), quote_ident(new.id.last()));
    let mut made = Vec::new();
    if pair.differs("definition") {
        let (before, after) = (definition(old), definition(new));
        if before.strip_suffix(NOT_VALID) == Some(after) {
            made.push(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
        } else if new.id.kind == Kind::ForeignKey
            && let Some(deferral) = deferral(before, after)
        {
            made.push(format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} {deferral}"
            ));
        } else {
            return Rule::Replace;
        }
    }
    let index = format!("{}.{name}", quote_ident(new.id.part(0)));
    let (set, reset) = options(old.list("options"), new.list("options"), "");
    if !reset.is_empty() {
        made.push(format!("ALTER INDEX {index} RESET ({})", reset.join(", ")));
    }
    if !set.is_empty() {
        made.push(format!("ALTER INDEX {index} SET ({})", set.join(", ")));
    }
    if let Some(set) = set_tablespace(pair) {
        made.push(format!("ALTER INDEX {index} {set}"));
    }
    Rule::InPlace(made)
}

fn definition(fact: &Fact) -> &str {
    fact.text("definition").unwrap_or_default()
}

/// What makes the one foreign key the other, where they differ in when they are checked alone.
fn deferral(before: &str, after: &str) -> Option<&'static str> {
    const ENDS: [(&str, &str); 2] = [
        (
            " DEFERRABLE INITIALLY DEFERRED",
            "DEFERRABLE INITIALLY DEFERRED",
        ),
        (" DEFERRABLE", "DEFERRABLE INITIALLY IMMEDIATE"),
    ];
    let split = |text: &'static str, words: &'static str, whole: &str| {
        whole
            .strip_suffix(text)
            .map(|head| (head.to_owned(), words))
    };
    let parts = |whole: &str| {
        ENDS.iter()
            .find_map(|(text, words)| split(text, words, whole))
            .unwrap_or((whole.to_owned(), "NOT DEFERRABLE"))
    };
    let (before, after) = (parts(before), parts(after));
    (before.0 == after.0 && before.1 != after.1).then_some(after.1)
}

/// Triggers, rules and event triggers: whether they fire is set; all else makes them anew.
pub(super) fn behaviour(pair: &Pair) -> Rule {
    if !pair.only(&["enabled"]) {
        return Rule::Replace;
    }
    Rule::InPlace(vec![emit::set_enabled(pair.new)])
}

/// A partition by another bound is taken off and put back, together with all others that get one: they may
/// exchange what they have.
pub(super) fn partition(pair: &Pair) -> Rule {
    if pair.only(&["bound"]) {
        Rule::InPlace(Vec::new())
    } else {
        Rule::Replace
    }
}

pub(super) fn row_security(pair: &Pair) -> Vec<String> {
    let words = [
        ("enabled", "ENABLE", "DISABLE"),
        ("forced", "FORCE", "NO FORCE"),
    ];
    let changed = words.into_iter().filter(|(key, ..)| pair.differs(key));
    let table = relation(pair.new);
    changed
        .map(|(key, on, off)| {
            let word = if pair.new.flag(key) { on } else { off };
            format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY")
        })
        .collect()
}

pub(super) fn policy(pair: &Pair) -> Rule {
    let (old, new) = (pair.old, pair.new);
    let is_lost = |key: &str| old.text(key).is_some() && new.text(key).is_none();
    if !pair.only(&["roles", "using", "check"]) || is_lost("using") || is_lost("check") {
        return Rule::Replace;
    }
    let mut sql = format!(
        "ALTER POLICY {} ON {}",
        quote_ident(new.id.last()),
        relation(new)
    );
    if pair.differs("roles") {
        let roles: Vec<String> = new.list("roles").iter().map(|role| grantee(role)).collect();
        sql.push_str(&format!(" TO {}", roles.join(", ")));
    }
    for (key, word) in [("using", "USING"), ("check", "WITH CHECK")] {
        if let Some(expression) = new.text(key).filter(|_| pair.differs(key)) {
            sql.push_str(&format!(" {word} ({expression})"));
        }
    }
    Rule::InPlace(vec![sql])
}

pub(super) fn statistics(pair: &Pair) -> Rule {
    if !pair.only(&["target"]) {
        return Rule::Replace;
    }
    let target = pair.new.number("target").unwrap_or(-1);
    Rule::InPlace(vec![format!(
        "ALTER STATISTICS {} SET STATISTICS {target}",
        pair.new.id.name()
    )])
}
