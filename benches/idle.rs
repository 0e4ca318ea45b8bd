//! What it costs when there is nothing to do, and what starting costs.
//!
//! Run with `cargo bench --bench idle`.

mod support;

use std::process::Command;

use support::{Durable, Project, Script, Table, run};

const REVISIONS: usize = 10;

fn main() {
    let server = Durable::start();
    let project = Project::line(REVISIONS, Script::Table);
    let database = server.empty();
    let url = server.url(&database);
    run(&mut project.command(&url, &["upgrade", "head"]));
    let table = Table::begin();
    for arguments in [&["upgrade", "head"][..], &["current"]] {
        table.compare(
            (&format!("{}, nothing to do", arguments.join(" ")), || {
                run(&mut project.command(&url, arguments))
            }),
            ("psql -c 'select …'", || {
                let query = "select version_num from alembic_version";
                run(server.psql(&database).args(["-c", query]))
            }),
        );
    }
    for arguments in [&["heads"][..], &["--help"], &["--version"]] {
        table.compare(
            (&format!("{}, no database", arguments.join(" ")), || {
                run(&mut project.command(&url, arguments))
            }),
            ("true, which does nothing", || {
                run(&mut Command::new("true"))
            }),
        );
    }
}
