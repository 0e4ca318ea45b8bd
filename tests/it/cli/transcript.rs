//! Commands run one after the other in a project, and all that they said.

use std::fmt::Write as _;

use crate::support::{Database, Output, Project};

/// A project, the database that it speaks to, and what was said so far.
pub(super) struct Transcript {
    pub(super) project: Project,
    pub(super) database: Option<Database>,
    text: String,
}

impl Transcript {
    /// A project made by `init`, whose database is the embedded server.
    pub(super) fn embedded() -> Self {
        let project = Project::new();
        project.grace(["init"]).success();
        Self {
            project,
            database: None,
            text: String::new(),
        }
    }

    /// A project without a file.
    pub(super) fn empty() -> Self {
        Self {
            project: Project::new(),
            database: None,
            text: String::new(),
        }
    }

    /// A project made by `init`, whose database is nowhere: nobody may ask it.
    pub(super) fn of_files() -> Self {
        let mut this = Self::embedded();
        let nowhere = "postgres://nobody@127.0.0.1:1/nowhere";
        this.project.env("DATABASE_URL", nowhere);
        this
    }

    /// A project made by `init`, with an empty database on the tests' server.
    pub(super) async fn with_database() -> Self {
        let database = Database::create().await;
        let mut this = Self::embedded();
        this.project.env("DATABASE_URL", database.url());
        this.database = Some(database);
        this
    }

    /// The database.
    pub(super) fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    /// Writes a revision: `header` is what stands in it beside the id, a line each.
    pub(super) fn revision(&self, id: &str, header: &str, up: &str, down: &str) -> &Self {
        let mut text = format!("-- revision: {id}\n");
        for line in header.lines() {
            writeln!(text, "-- {line}").unwrap();
        }
        self.project
            .write(format!("versions/{id}.up.sql"), format!("{text}\n{up}\n"));
        if !down.is_empty() {
            self.project
                .write(format!("versions/{id}.down.sql"), format!("{down}\n"));
        }
        self
    }

    /// Writes two branches and their merge, which depends on a third: a drawing worth its name.
    pub(super) fn forest(&self) -> &Self {
        let made = "created: 2020-01-02T03:04:05Z";
        let write = |id: &str, header: &str| {
            let up = format!("create table t_{id} ();");
            self.revision(
                id,
                &format!("{header}\n{made}"),
                &up,
                &format!("drop table t_{id};"),
            );
        };
        write("a1", "message: create users");
        write("b1", "revises: a1\nlabel: billing\nmessage: add invoices");
        write("b2", "revises: b1\nmessage: add payments");
        write("c1", "revises: a1\nmessage: add notes");
        write("e1", "label: audit\nmessage: the audit log");
        write(
            "d1",
            "revises: b2, c1\ndepends-on: audit\nmessage: join them",
        );
        self
    }

    /// Runs the program, and keeps what it said.
    pub(super) fn run<const N: usize>(&mut self, arguments: [&str; N]) -> Output {
        let output = self.project.grace(arguments);
        let shown: Vec<String> = arguments.iter().map(|one| quoted(one)).collect();
        writeln!(self.text, "$ grace-migrate {}\n{output}", shown.join(" ")).unwrap();
        output
    }

    /// Runs the program, and keeps what it said, which must be a success.
    #[track_caller]
    pub(super) fn ok<const N: usize>(&mut self, arguments: [&str; N]) -> Output {
        self.run(arguments).success()
    }

    /// The same of words with a space between them.
    #[track_caller]
    pub(super) fn words(&mut self, words: &str) -> Output {
        self.run_words(words).success()
    }

    /// The same, however it ends.
    pub(super) fn run_words(&mut self, words: &str) -> Output {
        let output = self.project.grace(words.split(' '));
        writeln!(self.text, "$ grace-migrate {words}\n{output}").unwrap();
        output
    }

    /// Keeps the text of a file.
    pub(super) fn file(&mut self, path: &str) {
        let text = self.project.read(path);
        writeln!(self.text, "$ cat {path}\n{text}").unwrap();
    }

    /// Runs the program, which must succeed, and keeps the comments of the SQL that it printed: what
    /// the script holds is another test's matter.
    #[track_caller]
    pub(super) fn comments<const N: usize>(&mut self, arguments: [&str; N]) {
        let mut output = self.project.grace(arguments).success();
        let comments = output.stdout.lines().filter(|line| line.starts_with("-- "));
        output.stdout = comments.collect::<Vec<_>>().join("\n");
        writeln!(
            self.text,
            "$ grace-migrate {}\n{output}",
            arguments.join(" ")
        )
        .unwrap();
    }

    /// Keeps a word on what was done beside the program.
    pub(super) fn note(&mut self, what: &str) {
        writeln!(self.text, "# {what}\n").unwrap();
    }

    /// Everything that was said, held against the snapshot of this name.
    #[track_caller]
    pub(super) fn check(&self, name: &str) {
        self.check_with(name, &[]);
    }

    /// The same, where it tells the server's version and fingerprints, which hang on it.
    #[track_caller]
    pub(super) fn check_without_versions(&self, name: &str) {
        let more = [
            (
                r#""server_version_num": \d+"#,
                r#""server_version_num": "[version]""#,
            ),
            (
                r#""fingerprint": "[0-9a-f]{64}""#,
                r#""fingerprint": "[fingerprint]""#,
            ),
            (r"fingerprint [0-9a-f]{12}", "fingerprint [fingerprint]"),
        ];
        self.check_with(name, &more);
    }

    /// The same, with more that differs from run to run, and what stands for it.
    #[track_caller]
    pub(super) fn check_with(&self, name: &str, more: &[(&str, &str)]) {
        let mut settings = self.project.settings();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, stands) in [
            // a second database of a test
            (r"\btest_\d+_new\b", "[database]_new"),
            // runs and processes
            (
                r"grace-migrate/\S+ \d{8}T\d{6}-[0-9a-f]{8}",
                "grace-migrate/[version] [run]",
            ),
            (r"\b\d{8}T\d{6}-[0-9a-f]{8}\b", "[run]"),
            (
                r"pg_terminate_backend\(\d+\)",
                "pg_terminate_backend([pid])",
            ),
            // file names of new revisions
            (r"\b20\d{6}_\d{4}_", "[stamp]_"),
            // what the width of a duration makes wider
            (r" +\[duration\]", " [duration]"),
            (r" +Took\b", " Took"),
            ("─{4,}", "────"),
            // what is on this machine
            (r"(?m)^  (pid|binaries) +\S+$", "  $1 [$1]"),
            (r"\((this machine|fetched|GRACE_PG_BIN)\)", "([origin])"),
            (r#""binaries": "[^"]+""#, r#""binaries": "[binaries]""#),
            (
                r#""binaries_origin": "[^"]+""#,
                r#""binaries_origin": "[origin]""#,
            ),
            (
                r#""tool_version": "[^"]+""#,
                r#""tool_version": "[version]""#,
            ),
            (r#""version": "\d+\.\d+""#, r#""version": "[version]""#),
            (r#""(\w+)_bytes": \d+"#, r#""${1}_bytes": [bytes]"#),
            (r"\(\d+(\.\d+)? [kMG]?B\)", "([size])"),
        ] {
            settings.add_filter(pattern, stands);
        }
        for (pattern, stands) in more {
            settings.add_filter(pattern, *stands);
        }
        settings.bind(|| insta::assert_snapshot!(name, self.text));
    }
}

fn quoted(argument: &str) -> String {
    if argument.is_empty() || argument.contains([' ', '*', '$', '"', '\'']) {
        format!("'{argument}'")
    } else {
        argument.to_owned()
    }
}
