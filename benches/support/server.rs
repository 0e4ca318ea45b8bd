use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use grace_migrate::engine::{Binaries, Cluster, Download, LocateOptions, Server, StartMode};
use tempfile::TempDir;

use super::timing::run;

/// A server as a project has it: every commit reaches the disk. Its data goes with this value.
pub(crate) struct Durable {
    server: Option<Server>,
    binaries: Option<Binaries>,
    _dir: TempDir,
}

impl Durable {
    pub(crate) fn start() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("gm-bench-")
            .tempdir()
            .expect("a temporary folder");
        let options = locate_options();
        let server = Cluster::open(dir.path(), &env::temp_dir())
            .and_then(|cluster| cluster.start(StartMode::Owned, &options, &mut |_| {}))
            .unwrap_or_else(|error| panic!("the server did not start: {error:#?}"));
        Self {
            server: Some(server),
            binaries: Binaries::locate(&options, &mut |_| {}).ok(),
            _dir: dir,
        }
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let server = self.server.as_ref().expect("it runs until it is dropped");
        server.url(database)
    }

    /// A new and empty database; its name. None is dropped before the end: a file system that has
    /// just deleted thousands of files makes new ones more slowly for a while.
    pub(crate) fn empty(&self) -> String {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let database = format!("bench_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let create = format!("create database {database}");
        run(self.psql("postgres").args(["-c", &create]));
        // What making it left to be written is not to be paid for by whoever is timed next.
        run(self.psql("postgres").args(["-c", "checkpoint"]));
        database
    }

    /// A tool of PostgreSQL: the one beside the server, else the one that the system finds.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        let binaries = self.binaries.as_ref();
        let beside = binaries.and_then(|binaries| binaries.tool(name));
        beside.unwrap_or_else(|| name.into())
    }

    /// psql in one of its databases, quiet, ending at the first error.
    pub(crate) fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.tool("psql"));
        command
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1"])
            .arg(self.url(database))
            .env("PGOPTIONS", "-c client_min_messages=error")
            .stdin(Stdio::null());
        command
    }

    /// psql, which runs a file.
    pub(crate) fn psql_file(&self, database: &str, file: &Path) -> Command {
        let mut command = self.psql(database);
        command.arg("-f").arg(file);
        command
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().expect("the server stops");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmarks' own settings: a user's `config` would read them"
)]
fn locate_options() -> LocateOptions {
    LocateOptions {
        explicit: env::var_os("GRACE_PG_BIN").map(PathBuf::from),
        path: env::var_os("PATH"),
        cache_dir: cache_dir(),
        download: Download::Allowed,
        major: None,
    }
}

/// The benchmarks' cache: in the build folder, so that nothing is left elsewhere.
pub(super) fn cache_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// What the program may know of the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "handed on to the program, not read"
)]
pub(super) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "TMPDIR", "GRACE_PG_BIN"]
        .into_iter()
        .filter_map(|name| Some((name, env::var_os(name)?)))
}
