use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = "\
A test is SQL with comments that say who asks and what is to come of it:

  -- test: a stranger sees no notes
  -- as: stranger
  -- expect: no rows
  select * from notes;
  -- expect: error 42501
  insert into notes (owner_id, body) values ('…', 'mine');

  -- as: ACTOR         from the file of the actors; `migrator` (or `-- reset`) is the role that
                       migrates. Each test says for itself who asks
  -- expect: 3 rows, no rows, some rows, affected 3, ok
             rows (a, 1), (b, null)            as a set; `rows in order …` as they come
             error 42501 /part of the message/
  -- fixtures: PATH    first of all: the rows of this file, in place of those of the settings

Without `-- test:`, a statement with `-- expect:` is a test of its own, and one without it makes
something for all those below it. The folder, the actors and the rows are `tests`, `actors` and
`fixtures` of [rls] in grace-migrate.toml.

Exit code 1 if a test failed, 2 if there is none or if one cannot be read.

Examples:
  grace-migrate rls test
  grace-migrate rls test tests/rls/notes.test.sql --fail-fast
  grace-migrate rls test --filter stranger --list
  grace-migrate rls test --format junit > rls.xml
  grace-migrate rls test --pgtap > rls.sql && pg_prove -d app rls.sql")]
pub(crate) struct RlsTestArgs {
    /// Files of tests, and folders with `*.test.sql` [default: the folder of the settings]
    pub(crate) files: Vec<PathBuf>,

    /// Only tests in whose `FILE: NAME` this text stands.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,

    /// Run nothing behind the first test that fails.
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Print the tests that would run, and run none. No database is asked.
    #[arg(long, conflicts_with = "fail_fast")]
    pub(crate) list: bool,

    /// Print the tests as SQL for pgTAP, and run none. No database is asked.
    #[arg(long, conflicts_with_all = ["fail_fast", "list", "format"])]
    pub(crate) pgtap: bool,

    /// How the results are written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: TestFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    #[default]
    Text,
    Json,
    /// JUnit XML.
    Junit,
    /// TAP 14.
    Tap,
}
