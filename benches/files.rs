//! What a large project costs: commands over 10 000 revisions against plain reading of the same
//! up files. Each is the whole program, start and end included.
//!
//! Run with `cargo bench --bench files`.

mod support;

use support::timing::timed;
use support::{Durable, Project, Script, Table, run};

const REVISIONS: usize = 10_000;

fn main() {
    let server = Durable::start();
    let project = Project::branched(REVISIONS, Script::Table);
    let database = server.empty();
    let url = server.url(&database);
    run(&mut project.command(&url, &["stamp", "heads"]));
    let table = Table::begin();
    for arguments in [
        &["heads"][..],
        &["history"],
        &["history", "--verbose"],
        &["history", "--graph"],
        &["history", "--format", "json"],
        &["current"],
        &["upgrade", "heads"],
    ] {
        table.compare(
            (&format!("{} of {REVISIONS}", arguments.join(" ")), || {
                run(&mut project.command(&url, arguments))
            }),
            ("reading the up files", || timed(|| project.read_up_files())),
        );
    }
}
