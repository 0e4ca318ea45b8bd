//! The half of a connection that reads and writes, and what is known once it is gone.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_postgres::AsyncMessage;

use super::connect::Connection;
use super::notices::Board;
use super::wire::Seen;
use super::{DbError, Notice, ServerError};

/// Why a link ended.
#[derive(Debug, Clone)]
pub(super) struct Loss {
    pub(super) error: Option<Box<ServerError>>,
    pub(super) reason: String,
}

/// What the driver shares with the session.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) board: Board,
    pub(super) seen: Arc<Seen>,
    loss: watch::Sender<Option<Loss>>,
}

impl Link {
    pub(super) fn new(seen: Arc<Seen>) -> Self {
        Self {
            board: Board::default(),
            seen,
            loss: watch::Sender::new(None),
        }
    }

    /// Why the link ended, if it has.
    pub(super) fn loss(&self) -> Option<Loss> {
        self.loss.borrow().clone()
    }

    /// Says that the link has ended; what was said first stays.
    pub(super) fn end(&self, loss: Loss) {
        self.loss.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(loss);
            first
        });
    }

    /// Waits until the link ends.
    pub(super) async fn lost(&self) -> Loss {
        let mut loss = self.loss.subscribe();
        match loss.wait_for(Option::is_some).await {
            Ok(loss) => loss.clone().unwrap_or_else(Loss::silent),
            Err(_) => Loss::silent(),
        }
    }
}

impl Loss {
    pub(super) fn silent() -> Self {
        Self {
            error: None,
            reason: "the server closed the connection".to_owned(),
        }
    }

    pub(super) fn during(self, during: &'static str) -> DbError {
        DbError::LinkLost {
            during,
            error: self.error,
            reason: self.reason,
        }
    }
}

/// Reads and writes until the connection ends, and keeps what comes on the side.
pub(super) async fn drive(mut connection: Connection, link: Arc<Link>) {
    let loss = loop {
        match poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notice(response))) => {
                let done = link.seen.next_notice();
                let behind = link.seen.script_behind();
                link.board.take_in(Notice::from(&response), done, behind);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => break loss_of(&error),
            None => break Loss::silent(),
        }
    };
    // Whoever waits for an answer is told when the connection is dropped, so this comes first.
    link.end(loss);
    drop(connection);
}

/// What a driver's error says of the end of a link.
pub(super) fn loss_of(error: &tokio_postgres::Error) -> Loss {
    let response = error.as_db_error();
    Loss {
        error: response.map(|response| Box::new(ServerError::from(response))),
        reason: match std::error::Error::source(error) {
            Some(source) if response.is_none() => source.to_string(),
            _ if error.is_closed() => Loss::silent().reason,
            _ => error.to_string(),
        },
    }
}
