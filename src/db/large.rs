//! A large statement, which is not to be in memory several times.
//!
//! The driver copies what it shall send, and copies it once more into its buffer. For a large
//! statement it is given a few words instead, in the place of which the wire sends the text itself.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// The words that the driver is given. They are no SQL: sent as they are, they would be refused.
pub(super) const STAND_IN: &str = "a large statement, which the wire knows";

/// What comes before a query's text: the type and the length.
const HEAD: usize = 5;

/// A part of a script's text.
#[derive(Debug, Clone)]
pub(super) struct Large {
    pub(super) text: Arc<str>,
    pub(super) span: Range<usize>,
}

/// A query's message that is being sent.
#[derive(Debug)]
pub(super) struct Sending {
    head: [u8; HEAD],
    large: Large,
    sent: usize,
}

impl Sending {
    pub(super) fn new(large: Large) -> Self {
        // The length's own four bytes, and the zero at the end; no server takes a gigabyte.
        let length = u32::try_from(large.span.len() + 5).unwrap_or(u32::MAX);
        let [a, b, c, d] = length.to_be_bytes();
        Self {
            head: [b'Q', a, b, c, d],
            large,
            sent: 0,
        }
    }

    /// What is next, in one piece; nothing at the end.
    fn rest(&self) -> &[u8] {
        let text = &self.large.text.as_bytes()[self.large.span.clone()];
        let after_head = self.sent.saturating_sub(HEAD);
        if self.sent < HEAD {
            &self.head[self.sent..]
        } else if after_head < text.len() {
            &text[after_head..]
        } else if after_head == text.len() {
            &[0]
        } else {
            &[]
        }
    }

    /// Sends on, to the end.
    pub(super) fn poll_send<S: AsyncWrite + Unpin>(
        &mut self,
        socket: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut *socket).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.sent += written,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_whole_however_it_is_cut() {
        let text: Arc<str> = Arc::from("-- é\nselect 1; rest");
        let span = 6..text.len() - 5;
        let mut sending = Sending::new(Large { text, span });
        let mut sent = Vec::new();
        while let Some(&byte) = sending.rest().first() {
            sent.push(byte);
            sending.sent += 1;
        }
        assert_eq!(sent, b"Q\0\0\0\x0eselect 1;\0");
    }
}
