//! What the gate costs: `upgrade head` with every revision judged before its COMMIT, against the
//! same without.
//!
//! GRACE's own revisions are judged by the rules and, at the end, by the matrix that is kept, with
//! every actor really tried. Of the lines, the one makes a table in each revision, and all of the
//! catalog is read anew; the other changes nothing that could be judged.
//!
//! Run with `cargo bench --bench gate`.

mod support;

use std::fs;
use std::path::Path;

use support::{Durable, Project, Script, Table, run};

const TABLES: usize = 100;
const SELECTS: usize = 1_000;

fn main() {
    let server = Durable::start();
    run(server.psql("postgres").args([
        "-c",
        "create role anon; create role authenticated; create role service_role bypassrls",
    ]));
    let table = Table::begin();
    let compare = |name: &str, project: &Project| {
        let upgrade = |gate: &str| {
            let url = server.url(&server.empty());
            run(&mut project.command(&url, &["upgrade", "head", gate]))
        };
        table.compare(
            (name, || upgrade("--rls-gate")),
            ("the same without the gate", || upgrade("--no-rls-gate")),
        );
    };
    compare("GRACE's revisions", &grace());
    let name = format!("{TABLES} tables");
    compare(&name, &Project::line(TABLES, Script::Table));
    let name = format!("{SELECTS} selects");
    compare(&name, &Project::line(SELECTS, Script::Nothing));
}

/// This repository's own project.
fn grace() -> Project {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::line(0, Script::Nothing);
    fs::create_dir_all(project.path().join("tests/rls")).expect("a fresh folder");
    for folder in ["versions", "tests/rls"] {
        for file in fs::read_dir(root.join(folder)).expect("it is there") {
            let file = file.expect("it can be listed").path();
            let name = file.strip_prefix(root).expect("it is below");
            let text = fs::read_to_string(&file).expect("it can be read");
            project.write(&name.to_string_lossy(), &text);
        }
    }
    let settings = fs::read_to_string(root.join("grace-migrate.toml")).expect("it is there");
    project.write("grace-migrate.toml", &settings);
    project
}
