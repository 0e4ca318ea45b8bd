//! A server of a test's own, with settings of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use grace_migrate::engine::{Cluster, Server, StartMode};
use tempfile::TempDir;

use super::{connect, locate_options};

/// A server that one test may set, stop and copy; ended with this value, and its folder with it.
pub(crate) struct OwnServer {
    // In this order: the server ends before its folder goes.
    server: Option<Server>,
    cluster: Cluster,
    _dir: TempDir,
}

impl OwnServer {
    /// Starts one with these settings, each `name = value`.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("gm-test-")
            .tempdir()
            .unwrap();
        let cluster = Cluster::open(dir.path(), &std::env::temp_dir()).unwrap();
        let mut own = Self {
            server: None,
            cluster,
            _dir: dir,
        };
        own.resume();
        if !settings.is_empty() {
            let admin = connect(&own.url("postgres")).await;
            for setting in settings {
                admin
                    .batch_execute(&format!("alter system set {setting}"))
                    .await
                    .unwrap();
            }
            drop(admin);
            own.stop();
            own.resume();
        }
        own
    }

    /// A standby of it, made by the `pg_basebackup` at this path.
    pub(crate) fn standby(&self, pg_basebackup: &Path) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("gm-test-")
            .tempdir()
            .unwrap();
        let cluster = Cluster::open(dir.path(), &std::env::temp_dir()).unwrap();
        let mut own = Self {
            server: None,
            cluster,
            _dir: dir,
        };
        // Made as any other, so that everything is where it belongs, and to whom.
        own.resume();
        own.stop();
        let data = fs::canonicalize(own.cluster.data_dir()).unwrap();
        for entry in fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        let copied = Command::new(pg_basebackup)
            .args([
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--wal-method=stream",
            ])
            .args(["--dbname", &self.url("postgres")])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .unwrap();
        assert!(copied.status.success(), "{copied:?}");
        let given = Command::new("chown")
            .arg("-R")
            .arg(format!("--reference={}", self.cluster.data_dir().display()))
            .arg(&data)
            .status();
        assert!(given.unwrap().success());
        own.resume();
        own
    }

    /// Its URL, as the superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        self.server.as_ref().unwrap().url(database)
    }

    /// Starts it again, at the same place.
    pub(crate) fn resume(&mut self) {
        let started = self
            .cluster
            .start(StartMode::Owned, &locate_options(), &mut |_| {});
        self.server = Some(started.unwrap_or_else(|error| panic!("{error:#?}")));
    }

    /// Stops it, with whoever is connected.
    pub(crate) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().unwrap();
        }
    }
}
