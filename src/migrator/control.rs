use std::fmt;
use std::time::Duration;

use tokio::sync::watch;

use super::report::Event;

/// How long the server may take to answer once a signal came: orchestrators kill after 30 s, and a
/// COMMIT may want that time twice.
const GRACE: Duration = Duration::from_secs(10);

/// Why a run is being stopped from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: an orchestrator.
    Terminate,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "interrupted",
            Self::Terminate => "terminated",
        })
    }
}

/// What an operation is given of the outside: someone to tell, and a word to stop.
pub struct Control {
    tell: Box<dyn Fn(Event) + Send + Sync>,
    stop: watch::Receiver<Option<Signal>>,
    /// Keeps the channel open where nobody outside holds its other end.
    _open: Option<watch::Sender<Option<Signal>>>,
}

impl Control {
    /// Tells `tell` each event; stops when `stop` turns to a signal.
    pub fn new(
        tell: impl Fn(Event) + Send + Sync + 'static,
        stop: watch::Receiver<Option<Signal>>,
    ) -> Self {
        Self {
            tell: Box::new(tell),
            stop,
            _open: None,
        }
    }

    /// Tells nobody and is never stopped.
    #[must_use]
    pub fn silent() -> Self {
        let (open, stop) = watch::channel(None);
        Self {
            tell: Box::new(|_| ()),
            stop,
            _open: Some(open),
        }
    }

    pub(super) fn tell(&self, event: Event) {
        (self.tell)(event);
    }

    /// The signal, if one came.
    pub(super) fn stopped(&self) -> Option<Signal> {
        *self.stop.borrow()
    }

    /// Waits for a signal, for ever where none comes.
    pub(super) async fn stop(&self) -> Signal {
        signalled(self.stop.clone()).await
    }
}

async fn signalled(mut stop: watch::Receiver<Option<Signal>>) -> Signal {
    loop {
        if let Some(signal) = *stop.borrow_and_update() {
            return signal;
        }
        if stop.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Control {
    /// Waits until a signal came and the server has had its time to answer; for ever where none
    /// comes.
    pub(super) fn overdue(&self) -> impl Future<Output = ()> + Send + use<> {
        let stop = self.stop.clone();
        async {
            signalled(stop).await;
            tokio::time::sleep(GRACE).await;
        }
    }

    /// Waits until `limit` is over, which is never where it is zero, or until it is
    /// [overdue](Self::overdue).
    pub(super) async fn patience(&self, limit: Duration) {
        let over = async {
            if limit.is_zero() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(limit).await;
        };
        tokio::select! {
            () = over => {}
            () = self.overdue() => {}
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}
