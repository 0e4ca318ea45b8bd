//! The corpus, and how its states come into databases.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use grace_migrate::catalog;
use grace_migrate::db::{ConnectSpec, Session, SessionOptions, Surroundings};
use grace_migrate::schema::facts::{Scope, State};

use crate::support::{Database, connect, server};

/// One state of the corpus.
pub(super) struct Case {
    /// `<case>/old`
    pub(super) name: String,
    /// What makes it, in an empty database.
    pub(super) sql: String,
    /// Whether `pg_dump` is asked too. It costs more than all else, and what a case begins with is
    /// what others end with, but for those that end with nothing.
    pub(super) witnessed: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diff")
}

/// The two ends of each case: its name, and what makes either.
pub(super) fn pairs() -> Vec<(String, [String; 2])> {
    let pair = |folder: PathBuf| {
        let text = |end: &str| fs::read_to_string(folder.join(format!("{end}.sql"))).unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        (name, [text("old"), text("new")])
    };
    folders().into_iter().map(pair).collect()
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

/// Every state of the corpus that is not empty, and GRACE's own, in order.
pub(super) fn states() -> Vec<Case> {
    let pairs = pairs();
    assert!(pairs.len() >= 600, "{} cases", pairs.len());
    let (mut states, mut known) = (Vec::new(), BTreeSet::new());
    let witnessed: BTreeSet<String> = pairs
        .iter()
        .map(|(_, [old, new])| if new.is_empty() { old } else { new })
        .cloned()
        .collect();
    for (case, texts) in pairs {
        for (end, sql) in ["old", "new"].into_iter().zip(texts) {
            // Many cases begin alike.
            if !sql.is_empty() && known.insert(sql.clone()) {
                let name = format!("{case}/{end}");
                let witnessed = witnessed.contains(&sql);
                states.push(Case {
                    name,
                    sql,
                    witnessed,
                });
            }
        }
    }
    states.push(Case {
        name: "grace".to_owned(),
        sql: grace(),
        witnessed: true,
    });
    states
}

/// What makes GRACE's own database.
pub(super) fn grace() -> String {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("versions");
    let mut files: Vec<PathBuf> = fs::read_dir(versions)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".up.sql"))
        .collect();
    files.sort();
    let texts: Vec<String> = files
        .iter()
        .map(|file| format!("begin;\n{}\ncommit;", fs::read_to_string(file).unwrap()))
        .collect();
    texts.join("\n")
}

/// Makes the roles that the corpus names.
pub(crate) async fn create_roles() {
    let admin = connect(&server().url("postgres")).await;
    for role in ["gm_reader", "gm_writer"] {
        let sql = format!(
            "do $$ begin create role {role}; exception
               when duplicate_object or unique_violation then null; end $$"
        );
        admin.batch_execute(&sql).await.unwrap();
    }
}

/// A session as the library has it.
pub(super) async fn session(url: &str) -> Session {
    let spec = ConnectSpec::parse(url, &Surroundings::default()).unwrap();
    Session::connect(&spec, &SessionOptions::default())
        .await
        .unwrap()
}

/// Reads a database whole.
pub(super) async fn read(url: &str) -> State {
    let session = session(url).await;
    let state = catalog::read_state(&session, &Scope::default()).await;
    session.close().await;
    state.unwrap_or_else(|error| panic!("{error:#?}"))
}

/// A database with nothing but what this makes.
pub(super) async fn database(sql: &str) -> Database {
    let database = Database::from_template("template0").await;
    database.run(sql).await;
    database
}
