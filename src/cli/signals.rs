//! SIGINT and SIGTERM: the first one asks the run to stop, the second one ends the program.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use super::terminal;
use crate::migrator::Signal;
use crate::render::Exit;

/// How long a signal's echo may take: one that goes to a process and to its group comes twice.
const ECHO: Duration = Duration::from_millis(200);

/// Listens from now on; the receiver turns to the first signal that comes.
pub(super) fn listen() -> std::io::Result<watch::Receiver<Option<Signal>>> {
    let (tell, heard) = watch::channel(None);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let mut first = None;
        loop {
            let came = tokio::select! {
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            };
            match meaning(first, Instant::now()) {
                Meaning::Stop => {
                    first = Some(Instant::now());
                    tell.send_replace(Some(came));
                }
                Meaning::Echo => {}
                Meaning::End => end_at_once(came),
            }
        }
    });
    Ok(heard)
}

/// What a signal means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// The run is to stop.
    Stop,
    /// It is the first one once more.
    Echo,
    /// The program is to end now.
    End,
}

/// What a signal that comes now means, after the first one.
fn meaning(first: Option<Instant>, now: Instant) -> Meaning {
    match first {
        None => Meaning::Stop,
        Some(first) if now.duration_since(first) < ECHO => Meaning::Echo,
        Some(_) => Meaning::End,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a second signal ends the program at once"
)]
fn end_at_once(signal: Signal) {
    terminal::complain(
        "ended at once, on a second signal: the server rolls back what was not committed\n",
    );
    let exit = match signal {
        Signal::Interrupt => Exit::Interrupted,
        Signal::Terminate => Exit::Terminated,
    };
    std::process::exit(i32::from(exit.code()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_comes_again_at_once_is_the_same_one() {
        let first = Instant::now();
        let after = |ms| meaning(Some(first), first + Duration::from_millis(ms));
        assert_eq!(meaning(None, first), Meaning::Stop);
        assert_eq!(after(0), Meaning::Echo);
        assert_eq!(after(199), Meaning::Echo);
        assert_eq!(after(200), Meaning::End);
    }
}
