use super::{operators, others, rights, table, types};
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::{quote_ident, quote_literal};

/// The statements that make a fact and what is made with it. `there` is the same fact where a new
/// database has it already.
pub(in crate::diff) fn create(
    state: &State,
    fact: &Fact,
    with: &[&Fact],
    there: Option<&Fact>,
) -> Vec<String> {
    let id = &fact.id;
    let name = id.name();
    let text = |key: &str| fact.text(key).unwrap_or_default();
    match id.kind {
        Kind::Schema => vec![format!("CREATE SCHEMA {name}")],
        Kind::Extension => vec![format!(
            "CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {}",
            quote_ident(text("schema"))
        )],
        Kind::ForeignDataWrapper
        | Kind::ForeignServer
        | Kind::UserMapping
        | Kind::TextSearchParser
        | Kind::TextSearchTemplate
        | Kind::TextSearchDictionary
        | Kind::TextSearchConfiguration
        | Kind::Publication
        | Kind::PublicationTable
        | Kind::PublicationSchema
        | Kind::EventTrigger => others::create(fact),
        Kind::Collation
        | Kind::Enum
        | Kind::Composite
        | Kind::Range
        | Kind::Domain
        | Kind::DomainConstraint
        | Kind::Sequence
        | Kind::Attribute
        | Kind::SequenceOwner => types::create(fact, with),
        Kind::Function | Kind::Procedure => vec![text("definition").trim_end().to_owned()],
        Kind::Aggregate
        | Kind::Operator
        | Kind::OperatorFamily
        | Kind::OperatorClass
        | Kind::Cast => operators::create(fact),
        Kind::Table
        | Kind::ForeignTable
        | Kind::View
        | Kind::MaterializedView
        | Kind::Default
        | Kind::Constraint
        | Kind::ForeignKey
        | Kind::Index
        | Kind::Column
        | Kind::Inheritance
        | Kind::IndexAttachment
        | Kind::Partition => table::create(state, fact, with),
        Kind::Statistics => {
            let mut made = vec![text("definition").to_owned()];
            if let Some(target) = fact.number("target") {
                made.push(format!("ALTER STATISTICS {name} SET STATISTICS {target}"));
            }
            made
        }
        Kind::Rule | Kind::Trigger => behaviour(fact),
        Kind::PartitionTrigger => vec![set_enabled(fact)],
        Kind::Cluster => vec![format!(
            "ALTER TABLE {} CLUSTER ON {}",
            relation(fact),
            quote_ident(text("index"))
        )],
        Kind::ReplicaIdentity => {
            let mode = match text("mode") {
                "full" => "FULL".to_owned(),
                "nothing" => "NOTHING".to_owned(),
                _ => format!("USING INDEX {}", quote_ident(text("index"))),
            };
            let table = relation(fact);
            vec![format!("ALTER TABLE ONLY {table} REPLICA IDENTITY {mode}")]
        }
        Kind::RowSecurity => [("enabled", "ENABLE"), ("forced", "FORCE")]
            .into_iter()
            .filter(|(key, _)| fact.flag(key))
            .map(|(_, word)| {
                let table = relation(fact);
                format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY")
            })
            .collect(),
        Kind::Policy => vec![policy(fact)],
        Kind::Owner | Kind::OwnerRights | Kind::Grant | Kind::DefaultPrivileges => {
            rights::create(state, fact, there)
        }
        Kind::Comment => {
            let (on, words) = (subject(state, id), quote_literal(text("text")));
            vec![format!("COMMENT ON {on} IS {words}")]
        }
    }
}

/// The relation that a fact is a part of, quoted.
pub(in crate::diff) fn relation(fact: &Fact) -> String {
    let (schema, name) = fact.id.relation().unwrap_or_default();
    format!("{}.{}", quote_ident(schema), quote_ident(name))
}

/// How the object is named that a fact is about.
pub(super) fn subject(state: &State, id: &FactId) -> String {
    let subject = id.subject().map(|id| match state.get(&id) {
        Some(subject) => phrase(subject),
        // The index of a key, which is no fact.
        None => phrase(&Fact::new(id, None)),
    });
    subject.unwrap_or_default()
}

/// How statements about an object name it: `TABLE public.notes`, `POLICY own ON public.notes`.
pub(super) fn phrase(fact: &Fact) -> String {
    let id = &fact.id;
    let last = quote_ident(id.last());
    match id.kind {
        Kind::Constraint | Kind::ForeignKey | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{} {last} ON {}", id.kind.sql(), relation(fact))
        }
        Kind::DomainConstraint => {
            let (schema, name) = (quote_ident(id.part(0)), quote_ident(id.part(1)));
            format!("CONSTRAINT {last} ON DOMAIN {schema}.{name}")
        }
        Kind::Aggregate if fact.hint_flag("ordered") => {
            let (schema, name) = (quote_ident(id.part(0)), quote_ident(id.part(1)));
            let signature = fact.hint("signature").unwrap_or_default();
            format!("AGGREGATE {schema}.{name}({signature})")
        }
        Kind::Aggregate if id.last().is_empty() => {
            let (schema, name) = (quote_ident(id.part(0)), quote_ident(id.part(1)));
            format!("AGGREGATE {schema}.{name}(*)")
        }
        kind => format!("{} {}", kind.sql(), id.name()),
    }
}

fn behaviour(fact: &Fact) -> Vec<String> {
    let definition = fact.text("definition").unwrap_or_default();
    let mut made = vec![definition.trim_end_matches(';').to_owned()];
    if fact.text("enabled").is_some() {
        made.push(set_enabled(fact));
    }
    made
}

/// The statement that says in which sessions a trigger, a rule or an event trigger fires.
pub(in crate::diff) fn set_enabled(fact: &Fact) -> String {
    let word = match fact.text("enabled") {
        None | Some("enabled") => "ENABLE",
        Some("disabled") => "DISABLE",
        Some("replica") => "ENABLE REPLICA",
        Some(_) => "ENABLE ALWAYS",
    };
    let (kind, name) = (fact.id.kind.sql(), quote_ident(fact.id.last()));
    if fact.id.kind == Kind::EventTrigger {
        return format!("ALTER {kind} {name} {word}");
    }
    // Those of the whole take the copies of the partitions along.
    let only = match fact.id.kind {
        Kind::PartitionTrigger => "ONLY ",
        _ => "",
    };
    format!("ALTER TABLE {only}{} {word} {kind} {name}", relation(fact))
}

fn policy(fact: &Fact) -> String {
    let mut sql = format!(
        "CREATE POLICY {} ON {}",
        quote_ident(fact.id.last()),
        relation(fact)
    );
    if fact.flag("restrictive") {
        sql.push_str(" AS RESTRICTIVE");
    }
    if let Some(command) = fact.text("command").filter(|command| *command != "all") {
        sql.push_str(&format!(" FOR {}", command.to_uppercase()));
    }
    let roles: Vec<String> = fact
        .list("roles")
        .iter()
        .map(|role| grantee(role))
        .collect();
    if roles != ["PUBLIC"] {
        sql.push_str(&format!(" TO {}", roles.join(", ")));
    }
    if let Some(using) = fact.text("using") {
        sql.push_str(&format!(" USING ({using})"));
    }
    if let Some(check) = fact.text("check") {
        sql.push_str(&format!(" WITH CHECK ({check})"));
    }
    sql
}

/// A role, or PUBLIC.
pub(in crate::diff) fn grantee(role: &str) -> String {
    if role == "public" {
        "PUBLIC".to_owned()
    } else {
        quote_ident(role)
    }
}

/// Settings of `reloptions`, each `name=value`, as SQL takes them.
pub(in crate::diff) fn settings<'a>(
    options: impl IntoIterator<Item = &'a String>,
    prefix: &str,
) -> Vec<String> {
    let pairs = options.into_iter().map(|option| {
        let (name, value) = option.split_once('=').unwrap_or((option, "true"));
        format!("{prefix}{}={}", quote_ident(name), quote_literal(value))
    });
    pairs.collect()
}

/// Options whose order does not count, in the order in which they were written.
pub(super) fn as_written<'f>(fact: &'f Fact, name: &str) -> &'f [String] {
    let written = fact.hint_list(name);
    if written.is_empty() {
        fact.list(name)
    } else {
        written
    }
}

/// Options of foreign data, each `name=value`: ` OPTIONS (name 'value')`, or nothing.
pub(super) fn server_options(options: &[String]) -> String {
    if options.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = options
        .iter()
        .map(|option| {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            format!("{} {}", quote_ident(name), quote_literal(value))
        })
        .collect();
    format!(" OPTIONS ({})", pairs.join(", "))
}
