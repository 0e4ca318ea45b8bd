//! Why a server stops: a signal, or because it starts anew.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::start_error::StartError;
use crate::render::Exit;

/// Why a server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// A signal: the exit code that it means. SIGTERM is what ends a server, so that it is no
    /// failure.
    Signal(Exit),
    /// The program or its settings have changed.
    Changed,
}

/// Listens from now on. A second signal ends the program at once.
pub(super) fn listen() -> Result<watch::Receiver<Option<Why>>, StartError> {
    let system = |source| StartError::System {
        what: "signals cannot be heard",
        source,
    };
    let (tell, heard) = watch::channel(None);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    tokio::spawn(async move {
        loop {
            let exit = tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Terminated,
            };
            if tell.borrow().is_some() {
                end_at_once(exit);
            }
            let exit = match exit {
                Exit::Terminated => Exit::Done,
                other => other,
            };
            tell.send_replace(Some(Why::Signal(exit)));
        }
    });
    Ok(heard)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a second signal asks for the end without more ado"
)]
fn end_at_once(exit: Exit) -> ! {
    std::process::exit(i32::from(exit.code()))
}
