//! A proxy in front of the tests' server that knows the protocol well enough to strike at one
//! message. It has threads of its own, so that a test may wait for a child process meanwhile.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// What happens at the message that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not reach the server: both ends are cut.
    CutBefore,
    /// The server has answered it; of the answer nothing reaches the client, and both ends are cut.
    CutAfter,
    /// It reaches the server; the client is cut at once, and the server, which answers in its own
    /// time, is told of that afterwards.
    Desert,
    /// It does not reach the server, nor does anything behind it; the link stands.
    Hold,
    /// It reaches the server; nothing that the server says from then on reaches the client.
    Mute,
    /// The server's process of this session is terminated before the message is passed on.
    Terminate,
}

/// A message from the client, its first message in a session aside, which has no type.
pub(crate) struct Message<'a> {
    /// Which of its session's, from 1.
    pub(crate) number: usize,
    /// What it holds: for a simple query its text, and whatever bytes otherwise.
    pub(crate) text: &'a str,
}

type When = Box<dyn FnMut(&Message<'_>) -> bool + Send>;

#[derive(Default)]
struct State {
    plan: Option<(When, Fault)>,
    /// Whether the fault has been injected.
    struck: bool,
    /// Whether nobody gets through any more, once it has.
    away: bool,
    /// The proxy is gone.
    closed: bool,
    /// The messages of the session that had most.
    most: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// The proxy, for as long as this value.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Listens on a port of 127.0.0.1, in front of the server whose socket lies in this folder.
    pub(crate) fn before(socket_dir: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let socket = socket_dir.join(".s.PGSQL.5432");
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &socket, &accepting));
        Self { port, shared }
    }

    /// The URL of a database behind it, as a role.
    pub(crate) fn url(&self, role: &str, database: &str) -> String {
        let port = self.port;
        format!("postgresql://{role}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Injects `fault` once, at the first message for which `when` is true.
    pub(crate) fn strike(
        &self,
        fault: Fault,
        when: impl FnMut(&Message<'_>) -> bool + Send + 'static,
    ) -> &Self {
        let mut state = self.shared.state();
        state.plan = Some((Box::new(when), fault));
        state.struck = false;
        self
    }

    /// Nobody gets through once the fault has been injected.
    pub(crate) fn then_stay_away(&self) -> &Self {
        self.shared.state().away = true;
        self
    }

    /// Whether the fault has been injected.
    pub(crate) fn has_struck(&self) -> bool {
        self.shared.state().struck
    }

    /// Waits until the fault has been injected; for a minute, which is for ever.
    pub(crate) fn wait_until_struck(&self) {
        let minute = Duration::from_secs(60);
        let state = self.shared.state();
        let changed = &self.shared.changed;
        let waited = changed.wait_timeout_while(state, minute, |state| !state.struck);
        assert!(!waited.unwrap().1.timed_out(), "no message was the one");
    }

    /// How many messages the client sent in the session in which it sent most.
    pub(crate) fn messages(&self) -> usize {
        self.shared.state().most
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The listener's thread ends at the next connection, which is this one.
        self.shared.state().closed = true;
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn accept(listener: &TcpListener, socket: &Path, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        let state = shared.state();
        if state.closed {
            return;
        }
        if state.away && state.struck {
            continue;
        }
        drop(state);
        let (Ok(client), Ok(server)) = (client, UnixStream::connect(socket)) else {
            continue;
        };
        client.set_nodelay(true).unwrap();
        let pair = Pair {
            client,
            server,
            session: Arc::default(),
            shared: Arc::clone(shared),
        };
        thread::spawn(move || pair.serve());
    }
}

/// What both directions of a session know.
#[derive(Default)]
struct Session {
    state: Mutex<SessionState>,
    answered: Condvar,
}

#[derive(Default)]
struct SessionState {
    /// The server's process.
    pid: u32,
    /// What the server says is not passed on.
    mute: bool,
    /// It has said something since.
    answered: bool,
}

struct Pair {
    client: TcpStream,
    server: UnixStream,
    session: Arc<Session>,
    shared: Arc<Shared>,
}

impl Pair {
    fn serve(self) {
        let answers = self.to_client();
        // Whatever went wrong, both ends are told by the end of the link.
        let _cut = self.to_server();
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
        let _ = answers.join();
    }

    /// Passes on what the client says, message by message.
    fn to_server(&self) -> io::Result<()> {
        let (mut client, mut server) = (&self.client, &self.server);
        server.write_all(&first_message(&mut client)?)?;
        let mut number = 0;
        loop {
            let message = read_message(&mut client)?;
            number += 1;
            match self.fault_at(number, &message) {
                None => server.write_all(&message)?,
                Some(Fault::CutBefore) => return Ok(()),
                Some(Fault::Hold) => {
                    // Until the client gives up.
                    io::copy(&mut client, &mut io::sink())?;
                    return Ok(());
                }
                Some(Fault::CutAfter) => {
                    self.mute();
                    server.write_all(&message)?;
                    self.wait_for_answer();
                    return Ok(());
                }
                Some(Fault::Desert) => {
                    self.mute();
                    server.write_all(&message)?;
                    self.client.shutdown(Shutdown::Both)?;
                    self.wait_for_answer();
                    return Ok(());
                }
                Some(Fault::Mute) => {
                    self.mute();
                    server.write_all(&message)?;
                }
                Some(Fault::Terminate) => {
                    terminate(self.session.state.lock().unwrap().pid);
                    server.write_all(&message)?;
                }
            }
        }
    }

    fn fault_at(&self, number: usize, message: &[u8]) -> Option<Fault> {
        let body = message.get(5..).unwrap_or_default();
        let text = String::from_utf8_lossy(body);
        let mut state = self.shared.state();
        state.most = state.most.max(number);
        let (when, fault) = state.plan.as_mut()?;
        let message = Message {
            number,
            text: &text,
        };
        if !when(&message) {
            return None;
        }
        let fault = *fault;
        state.plan = None;
        state.struck = true;
        self.shared.changed.notify_all();
        Some(fault)
    }

    fn mute(&self) {
        self.session.state.lock().unwrap().mute = true;
    }

    fn wait_for_answer(&self) {
        let state = self.session.state.lock().unwrap();
        let minute = Duration::from_secs(60);
        let answered = &self.session.answered;
        let waited = answered.wait_timeout_while(state, minute, |state| !state.answered);
        assert!(!waited.unwrap().1.timed_out(), "the server did not answer");
    }

    /// Passes on what the server says, on a thread of its own.
    fn to_client(&self) -> thread::JoinHandle<()> {
        let mut server = self.server.try_clone().unwrap();
        let mut client = self.client.try_clone().unwrap();
        let session = Arc::clone(&self.session);
        thread::spawn(move || {
            while let Ok(message) = read_message(&mut server) {
                let mut state = session.state.lock().unwrap();
                if message[0] == b'K' {
                    state.pid = u32::from_be_bytes(message[5..9].try_into().unwrap());
                }
                if state.mute {
                    // With `ReadyForQuery` the answer is whole.
                    state.answered |= message[0] == b'Z';
                    session.answered.notify_all();
                } else if client.write_all(&message).is_err() {
                    break;
                }
            }
            let mut state = session.state.lock().unwrap();
            state.answered = true;
            session.answered.notify_all();
            // A client that is not to hear the server does not hear of its end either.
            if !state.mute {
                let _ = client.shutdown(Shutdown::Both);
            }
        })
    }
}

/// The message without a type that begins a session, or a cancel request.
fn first_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    read_body(from, message, 0)
}

fn read_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut message = vec![0; 5];
    from.read_exact(&mut message)?;
    read_body(from, message, 1)
}

/// Reads the rest of a message, of which the length is at `at`.
fn read_body(from: &mut impl Read, mut message: Vec<u8>, at: usize) -> io::Result<Vec<u8>> {
    let length = u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
    let head = message.len();
    message.resize(at + length as usize, 0);
    from.read_exact(&mut message[head..])?;
    Ok(message)
}

/// What `pg_terminate_backend` does, and waits until it is done.
fn terminate(pid: u32) {
    let kill = |signal: &str| {
        let mut kill = Command::new("kill");
        kill.args([signal, &pid.to_string()]);
        kill.stderr(std::process::Stdio::null());
        kill.status().unwrap().success()
    };
    assert!(kill("-TERM"), "process {pid} is not there");
    for _ in 0..3_000 {
        if !kill("-0") {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("process {pid} did not end");
}
