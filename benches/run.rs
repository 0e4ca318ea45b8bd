//! What running costs, on a durable server: upgrades against psql, which runs the same files in
//! one session, each in a transaction of its own.
//!
//! Run with `cargo bench --bench run`.

mod support;

use support::{Durable, Project, Script, Table, run};

const REVISIONS: usize = 1_000;
const MANY: usize = 5_000;

fn main() {
    let server = Durable::start();
    let table = Table::begin();
    for (name, script) in [("tables", Script::Table), ("selects", Script::Nothing)] {
        let project = Project::line(REVISIONS, script);
        let file = project.write_psql(REVISIONS);
        table.compare(
            (&format!("upgrade head, {REVISIONS} {name}"), || {
                let url = server.url(&server.empty());
                run(&mut project.command(&url, &["upgrade", "head"]))
            }),
            ("psql, the same files", || {
                run(&mut server.psql_file(&server.empty(), &file))
            }),
        );
    }
    let project = Project::line(MANY, Script::Table);
    let url = server.url(&server.empty());
    let commands = ["upgrade head", "downgrade base"];
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        table.once(&format!("{command}, {MANY} tables"), || {
            run(&mut project.command(&url, &arguments))
        });
    }
}
