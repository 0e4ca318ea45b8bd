//! SIGINT and SIGTERM: the first one asks the run to stop, the second one ends the program.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::migrator::Signal;
use crate::render::Exit;

/// Listens from now on; the receiver turns to the first signal that comes.
pub(super) fn listen() -> std::io::Result<watch::Receiver<Option<Signal>>> {
    let (tell, heard) = watch::channel(None);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        loop {
            let came = tokio::select! {
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            };
            if tell.send_replace(Some(came)).is_some() {
                end_at_once(came);
            }
        }
    });
    Ok(heard)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a second signal ends the program at once"
)]
fn end_at_once(signal: Signal) {
    let exit = match signal {
        Signal::Interrupt => Exit::Interrupted,
        Signal::Terminate => Exit::Terminated,
    };
    std::process::exit(i32::from(exit.code()));
}
