//! The stream below the driver, which keeps an eye on the protocol.
//!
//! The driver tells neither which statement was at work when a notice came, nor whether a
//! transaction is open; both are plain in the messages' headers. And it ends a COPY that was
//! refused with one `Sync` too many (0.7.18), so that every later answer is taken for the next
//! question's: that end is held back here.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::keeping::{Keeping, TAG_BYTES};
use super::large::{Large, STAND_IN, Sending};
use super::socket::Socket;

/// Whether a transaction is open, as the server said after the last command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransactionStatus {
    /// None is open.
    #[default]
    Idle,
    /// One is open.
    Open,
    /// One is open and has failed; only its end is accepted.
    Failed,
}

/// What has been seen on a wire.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    completions: u64,
    /// The process that the greeting gave for cancel requests.
    cancel_pid: Option<i32>,
    transaction: TransactionStatus,
    keeping: Keeping,
    behind: Behind,
    /// For each notice that was read and not yet taken: the completions before it.
    notices: VecDeque<u64>,
    copy: CopyIn,
    /// How many `ReadyForQuery` are to come.
    outstanding: u32,
    /// What is sent in place of the next stand-ins.
    large: VecDeque<Large>,
    writer: Option<Waker>,
}

/// A script that was sent behind another message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Behind {
    #[default]
    None,
    /// The other one is not done.
    Waits,
    /// The script began when so many statements had completed on the connection.
    Began(u64),
}

/// How far a COPY from us has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum CopyIn {
    #[default]
    No,
    /// The server reads data.
    Reading,
    /// The server has enough of it, and waits for the end.
    Failed,
}

impl Seen {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many statements have completed since the connection began.
    pub(super) fn completions(&self) -> u64 {
        self.state().completions
    }

    /// How many statements had completed before the next notice that the driver gives.
    pub(super) fn next_notice(&self) -> u64 {
        let mut state = self.state();
        state.notices.pop_front().unwrap_or(state.completions)
    }

    /// Says what is sent in place of the next [`STAND_IN`].
    pub(super) fn stand_in_for(&self, large: Large) {
        self.state().large.push_back(large);
    }

    /// The process that the greeting gave for cancel requests.
    pub(super) fn cancel_pid(&self) -> Option<i32> {
        self.state().cancel_pid
    }

    /// Whether a transaction is open.
    pub(super) fn transaction(&self) -> TransactionStatus {
        self.state().transaction
    }

    /// Watches what a script keeps, until the guard is dropped.
    pub(super) fn watch_script(&self) -> ScriptGuard<'_> {
        self.state().keeping.begin();
        ScriptGuard(self)
    }

    /// The same, from where the message is done that is sent next: nothing else is under way.
    pub(super) fn watch_script_behind(&self) -> ScriptGuard<'_> {
        let mut state = self.state();
        state.keeping = Keeping::default();
        state.behind = Behind::Waits;
        ScriptGuard(self)
    }

    /// How many statements had completed when the script began that was sent behind another
    /// message, if there is one and it has.
    pub(super) fn script_behind(&self) -> Option<u64> {
        match self.state().behind {
            Behind::Began(completions) => Some(completions),
            Behind::None | Behind::Waits => None,
        }
    }

    /// Whether something that the script did that was watched last is committed.
    pub(super) fn script_kept(&self) -> bool {
        self.state().keeping.kept()
    }
}

/// Ends what [`Seen::watch_script`] began.
pub(super) struct ScriptGuard<'a>(&'a Seen);

impl Drop for ScriptGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.keeping.end();
        state.behind = Behind::None;
    }
}

impl State {
    /// Takes in the first byte and, where it matters, the content of a server's message.
    fn read(&mut self, kind: u8, content: [u8; TAG_BYTES]) {
        if kind == b'E' {
            self.keeping.failed();
        }
        match kind {
            b'C' => {
                self.completions += 1;
                self.keeping.completed(content);
            }
            b'I' => self.completions += 1,
            b'N' => self.notices.push_back(self.completions),
            b'K' => {
                let [a, b, c, d, ..] = content;
                self.cancel_pid = Some(i32::from_be_bytes([a, b, c, d]));
            }
            b'G' => {
                self.copy = CopyIn::Reading;
                // The `Sync` that came with the command is ignored now.
                self.answered();
            }
            b'E' if self.copy == CopyIn::Reading => self.copy = CopyIn::Failed,
            b'Z' => {
                self.copy = CopyIn::No;
                self.transaction = match content[0] {
                    b'T' => TransactionStatus::Open,
                    b'E' => TransactionStatus::Failed,
                    _ => TransactionStatus::Idle,
                };
                self.keeping.ready(self.transaction);
                if self.behind == Behind::Waits {
                    self.keeping.begin();
                    self.behind = Behind::Began(self.completions);
                }
                self.answered();
            }
            _ => {}
        }
    }

    fn answered(&mut self) {
        self.outstanding = self.outstanding.saturating_sub(1);
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }
}

/// A socket with an eye on it.
pub(super) struct Wire {
    socket: Socket,
    seen: Arc<Seen>,
    reader: Reader,
    writer: Writer,
    /// What is sent in place of the next so many bytes.
    replacement: Option<(Sending, usize)>,
}

/// Where in the server's messages the reading is.
#[derive(Default)]
struct Reader {
    /// The type, the length, and what is wanted of the content of the message that begins.
    head: [u8; 5 + TAG_BYTES],
    head_length: usize,
    body_left: usize,
}

/// Where in our messages the writing is.
#[derive(Default)]
struct Writer {
    /// Whether the first message, which has no type, is past.
    started: bool,
    /// How many of the coming bytes may be written.
    cleared: usize,
    /// Whether the next message is the `Sync` of a COPY's end that was held back.
    drop_sync: bool,
}

impl Wire {
    pub(super) fn new(socket: Socket) -> Self {
        Self {
            socket,
            seen: Arc::default(),
            reader: Reader::default(),
            writer: Writer::default(),
            replacement: None,
        }
    }

    pub(super) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// Sends what is sent instead, and gives how many bytes it stands for.
    fn replace(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some((sending, length)) = &mut self.replacement else {
            return Poll::Ready(Ok(0));
        };
        ready!(sending.poll_send(&mut self.socket, cx))?;
        let length = *length;
        self.replacement = None;
        Poll::Ready(Ok(length))
    }
}

impl Reader {
    /// Follows the messages through `bytes`, which were read.
    fn follow(&mut self, mut bytes: &[u8], state: &mut State) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.body_left > 0 {
                let passed = self.body_left.min(bytes.len());
                self.body_left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.head[self.head_length] = byte;
            self.head_length += 1;
            bytes = rest;
            let needed = match self.head[0] {
                // `ReadyForQuery`: whether a transaction is open.
                b'Z' => 6,
                // `BackendKeyData`: the process, before the secret.
                b'K' => 9,
                // `CommandComplete`: its tag, where it is that long.
                b'C' if self.head_length >= 5 => {
                    (message_length(&self.head[1..5]) + 1).clamp(5, self.head.len())
                }
                _ => 5,
            };
            if self.head_length >= needed {
                let [kind, _, _, _, _, content @ ..] = self.head;
                state.read(kind, content);
                self.body_left = message_length(&self.head[1..5]).saturating_sub(needed - 1);
                self.head = [0; 5 + TAG_BYTES];
                self.head_length = 0;
            }
        }
    }
}

/// What becomes of the bytes that are to be written.
enum Verdict {
    /// The first so many are written.
    Write(usize),
    /// The first so many are held back, for good.
    Drop(usize),
    /// Something else is sent in place of the first so many.
    Replace(Large, usize),
    /// It depends on what the server answers.
    Wait,
}

impl Writer {
    /// Looks at the messages in `bytes`, which are whole: the driver writes none in part.
    fn judge(&mut self, bytes: &[u8], state: &mut State) -> Verdict {
        let mut at = self.cleared;
        while let Some(message) = bytes.get(at..).filter(|message| message.len() >= 5) {
            if !self.started {
                self.started = true;
                at += message_length(&message[..4]);
                continue;
            }
            let length = message_length(&message[1..5]).saturating_add(1);
            match message[0] {
                b'f' if state.copy == CopyIn::No => {
                    // What stands before it goes first.
                    if at > 0 {
                        break;
                    }
                    if state.outstanding > 0 {
                        return Verdict::Wait;
                    }
                    self.drop_sync = true;
                    return Verdict::Drop(length);
                }
                b'S' if self.drop_sync => {
                    if at > 0 {
                        break;
                    }
                    self.drop_sync = false;
                    return Verdict::Drop(length);
                }
                b'Q' if !state.large.is_empty()
                    && message.get(5..length - 1) == Some(STAND_IN.as_bytes()) =>
                {
                    if at > 0 {
                        break;
                    }
                    if let Some(large) = state.large.pop_front() {
                        state.outstanding += 1;
                        return Verdict::Replace(large, length);
                    }
                }
                b'S' | b'Q' => state.outstanding += 1,
                _ => {}
            }
            at += length;
        }
        self.cleared = if at == 0 { bytes.len() } else { at };
        Verdict::Write(self.cleared.min(bytes.len()))
    }
}

/// The length that a message tells, its own four bytes included.
fn message_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |length, &byte| (length << 8) | usize::from(byte))
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut wire.socket).poll_read(cx, buffer))?;
        let mut state = wire.seen.state();
        wire.reader.follow(&buffer.filled()[before..], &mut state);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        if wire.replacement.is_some() {
            return wire.replace(cx);
        }
        let verdict = {
            let mut state = wire.seen.state();
            let verdict = wire.writer.judge(bytes, &mut state);
            if matches!(verdict, Verdict::Wait) {
                state.writer = Some(cx.waker().clone());
            }
            verdict
        };
        match verdict {
            Verdict::Write(cleared) => {
                let socket = Pin::new(&mut wire.socket);
                let written = ready!(socket.poll_write(cx, &bytes[..cleared]))?;
                wire.writer.cleared -= written;
                Poll::Ready(Ok(written))
            }
            Verdict::Drop(length) => Poll::Ready(Ok(length.min(bytes.len()))),
            Verdict::Replace(large, length) => {
                wire.replacement = Some((Sending::new(large), length));
                wire.replace(cx)
            }
            Verdict::Wait => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        self.socket.channel_binding()
    }
}

/// Tells the driver that TLS is done, where there is any: the socket comes ready.
pub(super) struct Ready;

impl<S: TlsStream + Unpin> TlsConnect<S> for Ready {
    type Stream = S;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<S, Self::Error>>;

    fn connect(self, stream: S) -> Self::Future {
        std::future::ready(Ok(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    }

    #[test]
    fn messages_are_followed_however_they_are_cut() {
        let stream = [
            message(b'C', b"SELECT 1\0"),
            message(b'N', b"SWARNING\0"),
            message(b'D', &[b'C'; 300]),
            message(b'I', b""),
            message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9]),
            message(b'N', b"x"),
            message(b'Z', b"T"),
            message(b'C', b"DO\0"),
            message(b'C', b""),
            message(b'C', b"COMMIT\0"),
            message(b'Z', b"I"),
        ]
        .concat();
        for size in [1, 2, 3, 7, stream.len()] {
            let mut reader = Reader::default();
            let mut state = State::default();
            state.keeping.begin();
            for chunk in stream.chunks(size) {
                reader.follow(chunk, &mut state);
            }
            assert_eq!(state.completions, 5);
            assert!(state.keeping.kept());
            assert_eq!(state.notices, [1, 2]);
            assert_eq!(state.cancel_pid, Some(0x0102));
            assert_eq!(state.transaction, TransactionStatus::Idle);
        }
        let mut state = State::default();
        Reader::default().follow(&message(b'Z', b"E"), &mut state);
        assert_eq!(state.transaction, TransactionStatus::Failed);
    }

    #[test]
    fn what_a_script_keeps_is_not_what_was_committed_before_it() {
        let seen = Seen::default();
        let guard = seen.watch_script_behind();
        let follow = |messages: &[Vec<u8>]| {
            Reader::default().follow(&messages.concat(), &mut seen.state());
        };
        follow(&[message(b'C', b"COMMIT\0"), message(b'C', b"BEGIN\0")]);
        assert_eq!(seen.script_behind(), None);
        follow(&[message(b'Z', b"T"), message(b'C', b"SAVEPOINT\0")]);
        assert_eq!(seen.script_behind(), Some(2));
        assert!(!seen.script_kept());
        follow(&[message(b'C', b"COMMIT\0"), message(b'Z', b"I")]);
        assert!(seen.script_kept());
        drop(guard);
        assert_eq!(seen.script_behind(), None);
    }

    /// What is written of the end of a COPY, after the server's answers to its beginning.
    fn written(answers: &[u8]) -> Option<Vec<u8>> {
        let mut writer = Writer {
            started: true,
            ..Writer::default()
        };
        let mut state = State::default();
        let begin = [message(b'B', b""), message(b'E', b""), message(b'S', b"")].concat();
        assert!(matches!(
            writer.judge(&begin, &mut state),
            Verdict::Write(n) if n == begin.len()
        ));
        writer.cleared = 0;
        for &kind in answers {
            state.read(kind, *b"T\0\0\0\0\0\0\0\0");
        }
        let end = [
            message(b'f', b"\0"),
            message(b'S', b""),
            message(b'Q', b"select 1\0"),
        ]
        .concat();
        let mut rest = end.as_slice();
        let mut sent = Vec::new();
        while !rest.is_empty() {
            match writer.judge(rest, &mut state) {
                Verdict::Write(n) => {
                    // One byte at a time is allowed.
                    sent.push(rest[0]);
                    writer.cleared = n - 1;
                    rest = &rest[1..];
                }
                Verdict::Drop(n) => rest = &rest[n..],
                Verdict::Replace(..) | Verdict::Wait => return None,
            }
        }
        Some(sent)
    }

    #[test]
    fn the_end_of_a_refused_copy_is_held_back() {
        assert_eq!(written(b"2EZ"), Some(message(b'Q', b"select 1\0")));
        let all = [
            message(b'f', b"\0"),
            message(b'S', b""),
            message(b'Q', b"select 1\0"),
        ]
        .concat();
        assert_eq!(written(b"2G"), Some(all.clone()));
        assert_eq!(written(b"2GE"), Some(all));
        assert_eq!(written(b"2"), None, "nothing is known yet");
        assert_eq!(written(b"2E"), None, "nothing is known yet");
    }
}
