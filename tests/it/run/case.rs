//! A project and a database of its own.

use std::fmt::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use tokio_postgres::Client;

use crate::support::{Database, Output, Project, Proxy, connect, query, server};

const SETTINGS: &str = r#"url = "${DATABASE_URL}"

[revision]
file-name = "{id}"
"#;

/// Takes the migration lock of `public.alembic_version`, as a run does: "GRMG", and the first four
/// bytes of the name's SHA-256.
const TAKE: &str = "select pg_advisory_lock(1196576071, ('x' || left(encode(sha256(\
                    'public.alembic_version'), 'hex'), 8))::bit(32)::int)";

/// A project whose files are named after their revision, and an empty database that it is for.
pub(crate) struct Case {
    pub(crate) project: Project,
    pub(crate) database: Database,
    /// The database's URL, as whoever runs.
    pub(crate) url: String,
}

impl Case {
    /// As the superuser; where `GRACE_TEST_OWNER` is set, as the database's owner.
    pub(crate) async fn new() -> Self {
        if always_of_owner() {
            return Self::of_owner().await;
        }
        Self::of_superuser().await
    }

    /// As the superuser, whatever is set: for what no owner may do.
    pub(crate) async fn of_superuser() -> Self {
        let database = Database::create().await;
        let url = database.url();
        Self::at(database, url)
    }

    /// As the database's owner, who is neither superuser nor allowed to bypass row security.
    pub(crate) async fn of_owner() -> Self {
        let database = Database::create().await;
        let owner = database.create_owner().await;
        let url = database.url_as(&owner);
        Self::at(database, url)
    }

    /// As the owner, with a proxy between the program and the server; the test's own session goes
    /// past it.
    pub(crate) async fn behind_proxy() -> (Self, Proxy) {
        let database = Database::create().await;
        let owner = database.create_owner().await;
        let proxy = Proxy::before(server().address().socket_dir());
        let url = proxy.url(&owner, database.name());
        (Self::at(database, url), proxy)
    }

    fn at(database: Database, url: String) -> Self {
        let mut project = Project::new();
        project.write("grace-migrate.toml", SETTINGS);
        project.write("versions/.keep", "");
        project.env("DATABASE_URL", url.as_str());
        Self {
            project,
            database,
            url,
        }
    }

    /// More settings.
    pub(crate) fn settings(&self, more: &str) -> &Self {
        let text = format!("{SETTINGS}\n{more}\n");
        self.project.write("grace-migrate.toml", text);
        self
    }

    /// Writes an up script whose header says that it revises these; more header lines may lead
    /// `sql`.
    pub(crate) fn up(&self, id: &str, revises: &str, sql: &str) -> &Self {
        let mut text = format!("-- revision: {id}\n");
        if !revises.is_empty() {
            _ = writeln!(text, "-- revises: {revises}");
        }
        self.project
            .write(format!("versions/{id}.up.sql"), text + sql + "\n");
        self
    }

    /// Writes a down script.
    pub(crate) fn down(&self, id: &str, sql: &str) -> &Self {
        self.project
            .write(format!("versions/{id}.down.sql"), format!("{sql}\n"));
        self
    }

    /// Writes a verify script.
    pub(crate) fn verify(&self, id: &str, sql: &str) -> &Self {
        self.project
            .write(format!("versions/{id}.verify.sql"), format!("{sql}\n"));
        self
    }

    /// A revision that makes a table of its own name, and the way back.
    pub(crate) fn table(&self, id: &str, revises: &str) -> &Self {
        self.up(id, revises, &format!("create table public.{id} (n int);"))
            .down(id, &format!("drop table public.{id};"))
    }

    /// Tables for a whole graph, one word each: `a b<a c<a m<b,c d^m` (`^` is a dependency).
    pub(crate) fn graph(&self, words: &str) -> &Self {
        for word in words.split_whitespace() {
            let (word, depends) = word.split_once('^').unwrap_or((word, ""));
            let (id, revises) = word.split_once('<').unwrap_or((word, ""));
            let mut sql = String::new();
            if !depends.is_empty() {
                _ = writeln!(sql, "-- depends-on: {depends}");
            }
            _ = write!(sql, "create table public.{id} (n int);");
            self.up(id, revises, &sql)
                .down(id, &format!("drop table public.{id};"));
        }
        self
    }

    /// Removes a revision's files.
    pub(crate) fn remove(&self, id: &str) -> &Self {
        for kind in ["up", "down", "verify"] {
            let path = format!("versions/{id}.{kind}.sql");
            let path = self.project.path().join(path);
            if path.exists() {
                std::fs::remove_file(path).unwrap();
            }
        }
        self
    }

    /// Runs the program; words are separated by blanks.
    pub(crate) fn grace(&self, words: &str) -> Output {
        self.project.grace(words.split_whitespace())
    }

    /// Runs it, and it succeeds.
    #[track_caller]
    pub(crate) fn ok(&self, words: &str) -> Output {
        self.grace(words).success()
    }

    /// Runs it, and it ends with this exit code and this error code.
    #[track_caller]
    pub(crate) fn fails(&self, words: &str, exit: i32, code: &str) -> Output {
        let output = self.grace(words);
        assert_eq!(output.code, Some(exit), "{output}");
        assert!(
            output.stderr.contains(&format!("error[{code}]")),
            "no error[{code}] in {output}"
        );
        output
    }

    /// Starts it and does not wait for it.
    pub(crate) fn start(&self, words: &str) -> Child {
        self.project
            .command(words.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The same, at another URL.
    pub(crate) fn start_at(&self, words: &str, url: &str) -> Child {
        self.project
            .command(words.split_whitespace())
            .env("DATABASE_URL", url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Waits until a query answers anything but 0; for a minute, which is for ever.
    pub(crate) async fn until(&self, truth: &str) {
        for _ in 0..3_000 {
            if self.query(truth).await != "0" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it never came to this: {truth}");
    }

    /// Waits until the program's session runs, or last ran, a statement that holds this text.
    pub(crate) async fn until_it_runs(&self, text: &str) {
        self.until(&format!(
            "select count(*) from pg_stat_activity where datname = current_database() \
             and application_name like 'grace-migrate/%' and query like '%{text}%'"
        ))
        .await;
    }

    /// Waits until a session waits for a lock on this table.
    pub(crate) async fn until_it_waits(&self, table: &str) {
        self.until(&format!(
            "select count(*) from pg_locks where relation = '{table}'::regclass and not granted"
        ))
        .await;
    }

    /// A session that holds the migration lock, for as long as it is kept.
    pub(crate) async fn holder(&self) -> Client {
        holder_at(&self.database.url()).await
    }

    /// How many advisory locks are held in the database.
    pub(crate) async fn locks(&self) -> String {
        self.query(
            "select count(*) from pg_locks where locktype = 'advisory' and \
             database = (select oid from pg_database where datname = current_database())",
        )
        .await
    }

    /// Waits until no advisory lock is held in the database: the server ends a session whose link
    /// was lost when it notices.
    pub(crate) async fn until_nothing_is_locked(&self) {
        self.until(
            "select (count(*) = 0)::int from pg_locks where locktype = 'advisory' and \
             database = (select oid from pg_database where datname = current_database())",
        )
        .await;
    }

    /// The version rows.
    pub(crate) async fn rows(&self) -> String {
        self.query("select string_agg(version_num, ' ' order by version_num) from alembic_version")
            .await
    }

    /// The tables of `public` that are not ours.
    pub(crate) async fn tables(&self) -> String {
        self.query(
            "select string_agg(relname, ' ' order by relname) from pg_class \
             where relnamespace = 'public'::regnamespace and relkind = 'r' \
               and relname <> 'alembic_version'",
        )
        .await
    }

    /// The history: `+a` applied, `-a` reverted, and other outcomes by their word.
    pub(crate) async fn history(&self) -> String {
        self.query(
            "select string_agg(case outcome when 'applied' then '+' when 'reverted' then '-' \
                               else outcome || ':' end || revision, ' ' order by id) \
             from grace_migrate.history",
        )
        .await
    }

    /// What a query answers, as the superuser.
    pub(crate) async fn query(&self, sql: &str) -> String {
        self.database.query(sql).await
    }

    /// Runs statements as whoever runs the program: what they make is theirs.
    pub(crate) async fn run(&self, sql: &str) {
        let client = connect(&self.url).await;
        if let Err(error) = client.batch_execute(sql).await {
            panic!("{error:?}\nin: {sql}");
        }
    }

    /// Everything in the database that a command could have made or changed.
    pub(crate) async fn state(&self) -> String {
        let tables = self
            .query(
                "select string_agg(n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || \
                        c.relrowsecurity || ' ' || coalesce(c.relacl::text, ''), E'\\n' \
                        order by n.nspname, c.relname) \
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'",
            )
            .await;
        let schemas =
            self.query("select string_agg(nspname, ' ' order by nspname) from pg_namespace");
        format!("{}\n{tables}", schemas.await)
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn always_of_owner() -> bool {
    std::env::var_os("GRACE_TEST_OWNER").is_some()
}

/// A session that holds the migration lock, which is waited for.
pub(crate) async fn holder_at(url: &str) -> Client {
    let holder = connect(url).await;
    query(&holder, TAKE).await;
    holder
}

/// What a program that was started says by its end.
pub(crate) fn end(child: Child) -> Output {
    Output::from(child.wait_with_output().unwrap())
}

/// Whether the text has the parts, in this order.
#[track_caller]
pub(crate) fn shows(output: &Output, parts: &[&str]) {
    let text = output.to_string();
    let mut rest = text.as_str();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => panic!("no {part:?} (in this order) in\n{output}"),
        }
    }
}
