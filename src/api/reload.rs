//! Starting anew when the program or its settings change, without closing the listening socket.
//!
//! The socket stays open from one program to the next, as its standard input: whoever connects in
//! between waits in the socket's queue and is served by the next one.

use std::ffi::OsString;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use super::start_error::StartError;

/// Says that the standard input is the listening socket.
const HANDED_ON: &str = "GRACE_API_LISTENER";

/// How long nothing may change any more before a change counts as done: a build writes its program in
/// pieces.
const QUIET: Duration = Duration::from_millis(400);

/// How long the changed program may take to say whether it would start.
const LONGEST_CHECK: Duration = Duration::from_secs(30);

/// The listening socket: handed on by the program before, or new.
pub(super) fn listener(address: SocketAddr) -> Result<TcpListener, StartError> {
    let bind = |source| StartError::Bind { address, source };
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting: a program tells the next"
    )]
    let handed_on = std::env::var_os(HANDED_ON).is_some();
    if handed_on {
        let socket = io::stdin().as_fd().try_clone_to_owned().map_err(bind)?;
        return Ok(TcpListener::from(socket));
    }
    TcpListener::bind(address).map_err(bind)
}

/// The program as it was started.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

/// What watches the files.
pub(super) struct Watch {
    _watcher: RecommendedWatcher,
    changes: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
}

impl Program {
    /// This one.
    pub(super) fn of_process() -> Self {
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_default();
        Self {
            // Asked for now: once the file is replaced, the system knows the old one only.
            path: std::env::current_exe().unwrap_or_else(|_| PathBuf::from(name)),
            arguments: arguments.collect(),
        }
    }

    /// Watches the program and these files from now on.
    pub(super) fn watch(&self, files: &[PathBuf]) -> Result<Watch, StartError> {
        let failed = |error: notify::Error| StartError::System {
            what: "files cannot be watched (`--no-reload` does without)",
            source: io::Error::other(error),
        };
        let mut watched: Vec<PathBuf> = files.to_vec();
        watched.push(self.path.clone());
        let folders: std::collections::BTreeSet<PathBuf> = watched
            .iter()
            .filter_map(|file| file.parent().map(Path::to_owned))
            .collect();
        let (tell, changes) = mpsc::unbounded_channel();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let Ok(event) = event else { return };
                let reading = matches!(event.kind, notify::EventKind::Access(_));
                if !reading && event.paths.iter().any(|path| watched.contains(path)) {
                    // Nobody hears it when the server stops.
                    let _stopping = tell.send(());
                }
            })
            .map_err(failed)?;
        for folder in folders {
            watcher
                .watch(&folder, RecursiveMode::NonRecursive)
                .map_err(failed)?;
        }
        Ok(Watch {
            _watcher: watcher,
            changes: tokio::sync::Mutex::new(changes),
        })
    }

    /// Whether the program as it is now can be started with the settings as they are now.
    async fn is_sound(&self) -> bool {
        let mut command = tokio::process::Command::new(&self.path);
        command
            .args(&self.arguments)
            .arg("--check")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let ended = tokio::time::timeout(LONGEST_CHECK, command.status()).await;
        matches!(ended, Ok(Ok(status)) if status.success())
    }

    /// Becomes the program as it is now; comes back only where that fails.
    pub(super) fn start_anew(&self, listener: TcpListener) -> StartError {
        let source = Command::new(&self.path)
            .args(&self.arguments)
            .env(HANDED_ON, "stdin")
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .exec();
        StartError::System {
            what: "the program cannot be started anew",
            source,
        }
    }
}

impl Watch {
    /// Waits for a change after which the program can be started anew. One that is broken is told of
    /// on stderr by the program itself, and waited out.
    pub(super) async fn changed(&self, program: &Program) {
        let mut changes = self.changes.lock().await;
        while changes.recv().await.is_some() {
            while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
            if program.is_sound().await {
                return;
            }
            tracing::warn!("not restarted: the program, or its settings, would not start");
        }
        std::future::pending::<()>().await;
    }
}
