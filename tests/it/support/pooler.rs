//! A real PgBouncer in front of the tests' server, where the machine has one.

use std::fs;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::server;

/// A PgBouncer of one test, ended with this value.
pub(crate) struct PgBouncer {
    child: Child,
    port: u16,
    servers: usize,
    _dir: TempDir,
}

impl PgBouncer {
    /// Starts one with these settings; none where the machine has no PgBouncer, which is a failed
    /// test where `GRACE_TEST_PGBOUNCER` says that it has.
    pub(crate) fn start(settings: &str) -> Option<Self> {
        let Some(program) = program() else {
            assert!(!is_required(), "PgBouncer is required and not found");
            return None;
        };
        let dir = tempfile::Builder::new()
            .prefix("gm-test-")
            .tempdir()
            .unwrap();
        // PgBouncer does not run as root, so that somebody else reads these.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (config, users) = (dir.path().join("pgbouncer.ini"), dir.path().join("users"));
        fs::write(&users, "\"postgres\" \"\"\n").unwrap();
        let (port, server) = (free_port(), bridge());
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {}\n{settings}\n",
            users.display()
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let bouncer = Self {
            child,
            port,
            servers: if settings.contains("pool_size = 1") {
                1
            } else {
                3
            },
            _dir: dir,
        };
        bouncer.wait();
        Some(bouncer)
    }

    /// How many server processes it has at least, by the settings of the tests.
    pub(crate) fn servers(&self) -> usize {
        self.servers
    }

    /// A URL of a database behind it, with nothing in it that tells.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn wait(&self) {
        for _ in 0..1_000 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("PgBouncer did not start");
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn is_required() -> bool {
    std::env::var_os("GRACE_TEST_PGBOUNCER").is_some_and(|value| value == "required")
}

#[expect(clippy::disallowed_methods, reason = "where programs are")]
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|dir| dir.join("pgbouncer"))
        .find(|program| program.is_file())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A port that leads to the tests' server, whose socket only we may use. It lasts as long as the
/// tests.
fn bridge() -> u16 {
    let address = server().address();
    let name = format!(".s.PGSQL.{}", address.port());
    let socket = address.socket_dir().join(name);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A server that is gone is a connection that ends.
            let _ = join(stream, &socket);
        }
    });
    port
}

fn join(here: TcpStream, socket: &Path) -> io::Result<()> {
    here.set_nodelay(true)?;
    let there = UnixStream::connect(socket)?;
    let (mut from, mut to) = (here.try_clone()?, there.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (there, here);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    Ok(())
}
