//! The floors of the house: a module imports only from floors below its own, and each package has
//! one door. Read from the text of `src/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module's floor, and the modules beside it that it may name.
const FLOORS: &[(&str, u8, &[&str])] = &[
    // words
    ("sql", 0, &["diagnostic"]),
    ("schema", 0, &["sql", "checksum"]),
    ("diagnostic", 0, &["sql"]),
    ("checksum", 0, &["sql"]),
    ("revision", 0, &["sql", "checksum", "diagnostic"]),
    ("clock", 0, &[]),
    // judgement
    ("graph", 1, &[]),
    ("plan", 1, &["graph"]),
    ("rls", 1, &[]),
    ("diff", 1, &[]),
    // hands
    ("db", 2, &[]),
    ("source", 2, &[]),
    ("bookkeeping", 2, &["db"]),
    ("catalog", 2, &["db"]),
    ("samples", 2, &["db"]),
    ("engine", 2, &[]),
    ("config", 2, &["db", "source"]),
    // work
    ("migrator", 3, &[]),
    // words out
    ("render", 4, &[]),
    // doors
    ("cli", 5, &[]),
    ("api", 5, &[]),
];

/// Each package and the one place that may name it: one for each program where both need it.
const DOORS: &[(&str, &str)] = &[
    ("tokio_postgres", "db"),
    ("tokio_postgres_rustls", "db"),
    ("rustls", "db"),
    ("rustls_native_certs", "db"),
    ("socket2", "db"),
    ("x509_cert", "db"),
    ("refinery", "bookkeeping/registry"),
    ("clap", "cli/args and api/args"),
    ("clap_complete", "cli/args"),
    ("clap_mangen", "cli/args"),
    ("sha2", "checksum"),
    ("toml", "config/file"),
    ("comfy_table", "render/table"),
    ("dagre", "render/erd/layout"),
    ("similar", "render/unified"),
    ("indicatif", "cli/progress"),
    ("minijinja", "source"),
    ("sapling_renderdag", "render"),
    ("rustix", "engine"),
    ("deadpool", "db/pool"),
    ("axum", "api"),
    ("base64", "api"),
    ("dotenvy", "api/settings"),
    ("governor", "api/limits"),
    ("hyper", "api/listen"),
    ("hyper_util", "api/listen"),
    ("jsonwebtoken", "api/token"),
    ("notify", "api/reload"),
    ("prometheus_client", "api/metrics"),
    ("reqwest", "api/token"),
    ("subtle", "api/token"),
    ("tower", "api"),
    ("tower_http", "api"),
    ("tracing", "api"),
    ("tracing_subscriber", "api"),
    ("utoipa", "api"),
    ("utoipa_axum", "api"),
    ("utoipa_swagger_ui", "api"),
];

fn rust_files(dir: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .expect("src can be read")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Every file below `src` with its path relative to it and its text.
fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files
        .into_iter()
        .map(|path| {
            let relative = path
                .strip_prefix(&src)
                .expect("below src")
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read_to_string(&path).expect("a source file");
            (relative, text)
        })
        .filter(|(path, _)| !is_test(path))
        .collect()
}

/// Unit tests may look across the floors: a property of the graph is told by plans.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

fn code(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") { "" } else { line }
}

/// The words that follow `prefix` in `line`: `crate::graph::Graph` names `graph`, and
/// `crate::{db, graph::Graph}` names both.
fn named(line: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices(prefix) {
        let rest = &line[at + prefix.len()..];
        let word = |text: &str| -> String {
            text.trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            for part in list.split(',') {
                if depth == 0 {
                    found.push(word(part));
                }
                depth += part.matches('{').count();
                depth = depth.saturating_sub(part.matches('}').count());
            }
        } else {
            found.push(word(rest));
        }
    }
    found
}

#[test]
fn a_module_imports_only_from_floors_below() {
    let floors: BTreeMap<&str, (u8, &[&str])> = FLOORS
        .iter()
        .map(|(module, floor, beside)| (*module, (*floor, *beside)))
        .collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        let module = path
            .split(['/', '.'])
            .next()
            .expect("a first part")
            .to_owned();
        if module == "lib" || module == "bin" {
            continue;
        }
        let Some(&(floor, beside)) = floors.get(module.as_str()) else {
            wrong.push(format!("src/{path}: module `{module}` has no floor"));
            continue;
        };
        seen += 1;
        for (number, line) in text.lines().enumerate() {
            for other in named(code(line), "crate::") {
                let Some(&(other_floor, _)) = floors.get(other.as_str()) else {
                    continue;
                };
                if other != module && other_floor >= floor && !beside.contains(&other.as_str()) {
                    wrong.push(format!(
                        "src/{path}:{}: `{module}` (floor {floor}) imports `{other}` (floor {other_floor})",
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(seen > 20, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_package_has_one_door() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for (package, door) in DOORS {
                let line = code(line);
                let inside = door.split(" and ").any(|door| {
                    path.starts_with(&format!("{door}/")) || path.strip_suffix(".rs") == Some(door)
                });
                let names = line.match_indices(&format!("{package}::")).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if names && !inside {
                    wrong.push(format!(
                        "src/{path}:{}: `{package}` is named outside its door, `{door}`",
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mod_files_hold_no_logic() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !path.ends_with("mod.rs") || path.starts_with("cli/args") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("fn ") || line.starts_with("pub fn ") || line.starts_with("impl") {
                wrong.push(format!(
                    "src/{path}:{}: logic in a mod.rs: {line}",
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > 600)
        .map(|(path, text)| format!("src/{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
