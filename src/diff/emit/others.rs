//! Foreign data, text search, publications, event triggers.

use super::statement::{as_written, grantee, server_options, set_enabled};
use crate::schema::facts::{Fact, Kind};
use crate::sql::{quote_ident, quote_literal};

pub(super) fn create(fact: &Fact) -> Vec<String> {
    let id = &fact.id;
    let name = id.name();
    let text = |key: &str| fact.text(key).unwrap_or_default();
    let options = || server_options(as_written(fact, "options"));
    match id.kind {
        Kind::ForeignDataWrapper => {
            let mut sql = format!("CREATE FOREIGN DATA WRAPPER {name}");
            for (key, word) in [("handler", "HANDLER"), ("validator", "VALIDATOR")] {
                if let Some(function) = fact.text(key) {
                    sql.push_str(&format!(" {word} {function}"));
                }
            }
            vec![sql + &options()]
        }
        Kind::ForeignServer => {
            let mut sql = format!("CREATE SERVER {name}");
            for (key, word) in [("type", "TYPE"), ("version", "VERSION")] {
                if let Some(value) = fact.text(key) {
                    sql.push_str(&format!(" {word} {}", quote_literal(value)));
                }
            }
            let wrapper = quote_ident(text("wrapper"));
            vec![format!("{sql} FOREIGN DATA WRAPPER {wrapper}{}", options())]
        }
        Kind::UserMapping => vec![format!(
            "CREATE USER MAPPING FOR {} SERVER {}{}",
            grantee(id.part(1)),
            quote_ident(id.part(0)),
            options()
        )],
        Kind::TextSearchParser => {
            let keys = ["start", "gettoken", "end", "lextypes", "headline"];
            vec![format!(
                "CREATE TEXT SEARCH PARSER {name} ({})",
                functions(fact, &keys)
            )]
        }
        Kind::TextSearchTemplate => {
            let functions = functions(fact, &["init", "lexize"]);
            vec![format!("CREATE TEXT SEARCH TEMPLATE {name} ({functions})")]
        }
        Kind::TextSearchDictionary => {
            let mut parts = format!("template = {}", text("template"));
            if let Some(options) = fact.text("options") {
                parts.push_str(&format!(", {options}"));
            }
            vec![format!("CREATE TEXT SEARCH DICTIONARY {name} ({parts})")]
        }
        Kind::TextSearchConfiguration => {
            let mut made = vec![format!(
                "CREATE TEXT SEARCH CONFIGURATION {name} (parser = {})",
                text("parser")
            )];
            made.extend(fact.list("mappings").iter().map(|mapping| {
                let (token, dictionaries) = mapping.split_once(' ').unwrap_or((mapping, ""));
                format!(
                    "ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {token} WITH {dictionaries}"
                )
            }));
            made
        }
        Kind::Publication => vec![publication(fact)],
        Kind::PublicationTable => {
            let table = format!("{}.{}", quote_ident(id.part(1)), quote_ident(id.part(2)));
            let mut sql = format!(
                "ALTER PUBLICATION {} ADD TABLE ONLY {table}",
                quote_ident(id.part(0))
            );
            // They are quoted already.
            let columns = fact.list("columns");
            if !columns.is_empty() {
                sql.push_str(&format!(" ({})", columns.join(", ")));
            }
            if let Some(filter) = fact.text("where") {
                sql.push_str(&format!(" WHERE ({filter})"));
            }
            vec![sql]
        }
        Kind::PublicationSchema => vec![format!(
            "ALTER PUBLICATION {} ADD TABLES IN SCHEMA {}",
            quote_ident(id.part(0)),
            quote_ident(id.part(1))
        )],
        _ => event_trigger(fact),
    }
}

fn functions(fact: &Fact, keys: &[&str]) -> String {
    let parts: Vec<String> = keys
        .iter()
        .filter_map(|key| Some(format!("{key} = {}", fact.text(key)?)))
        .collect();
    parts.join(", ")
}

fn publication(fact: &Fact) -> String {
    let mut sql = format!("CREATE PUBLICATION {}", fact.id.name());
    if fact.flag("all_tables") {
        sql.push_str(" FOR ALL TABLES");
    }
    format!("{sql} WITH ({})", settings(fact).join(", "))
}

/// What is published, and how; what is so by default, too.
pub(in crate::diff) fn publication_settings(fact: &Fact) -> String {
    let mut parts = settings(fact);
    if !fact.flag("via_root") {
        parts.push("publish_via_partition_root = false".to_owned());
    }
    parts.join(", ")
}

fn settings(fact: &Fact) -> Vec<String> {
    let mut parts = vec![format!(
        "publish = {}",
        quote_literal(&fact.list("publish").join(", "))
    )];
    if fact.flag("via_root") {
        parts.push("publish_via_partition_root = true".to_owned());
    }
    if let Some(columns) = fact.text("generated_columns") {
        parts.push(format!("publish_generated_columns = {columns}"));
    }
    parts
}

fn event_trigger(fact: &Fact) -> Vec<String> {
    let name = fact.id.name();
    let text = |key: &str| fact.text(key).unwrap_or_default();
    let mut sql = format!("CREATE EVENT TRIGGER {name} ON {}", text("event"));
    let tags: Vec<String> = fact
        .list("tags")
        .iter()
        .map(|tag| quote_literal(tag))
        .collect();
    if !tags.is_empty() {
        sql.push_str(&format!(" WHEN TAG IN ({})", tags.join(", ")));
    }
    sql.push_str(&format!(" EXECUTE FUNCTION {}()", text("function")));
    let mut made = vec![sql];
    if fact.text("enabled").is_some() {
        made.push(set_enabled(fact));
    }
    made
}
