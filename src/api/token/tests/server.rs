//! A server of keys, which counts who comes and answers when it is let.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::signer::{Signer, now, settings};
use crate::api::token::{JwksSettings, TokenSettings, Verifier};
use crate::clock::Clock;

/// What it answers, byte for byte; an empty answer hangs up.
pub(super) type Answer = Vec<u8>;

pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
    open: watch::Sender<bool>,
}

pub(super) fn ok(body: impl AsRef<[u8]>) -> Answer {
    answer("200 OK", "", body)
}

pub(super) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub(super) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(super) fn set_of(signers: &[&Signer]) -> Answer {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    ok(set(&keys))
}

pub(super) fn hang_up() -> Answer {
    Vec::new()
}

impl Server {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Mutex::new(answer),
            fetches: AtomicUsize::new(0),
            open: watch::Sender::new(true),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&serving).serve(stream));
            }
        });
        Self { address, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/auth/v1/.well-known/jwks.json", self.address)
    }

    /// How many have asked.
    pub(super) fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    pub(super) fn answers(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    /// Keeps everybody waiting from now on.
    pub(super) fn close(&self) {
        self.shared.open.send_replace(false);
    }

    pub(super) fn open(&self) {
        self.shared.open.send_replace(true);
    }

    pub(super) fn settings(&self) -> TokenSettings {
        TokenSettings {
            jwks: Some(JwksSettings::new(self.url())),
            ..settings()
        }
    }

    /// A verifier with these keys alone.
    pub(super) fn verifier(&self) -> Verifier {
        let settings = TokenSettings {
            secret: None,
            ..self.settings()
        };
        Verifier::new(settings, Clock::Fixed(now())).unwrap()
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await.unwrap() == 0 {
                return;
            }
        }
        assert!(request.starts_with(b"GET /auth/v1/.well-known/jwks.json HTTP/1.1\r\n"));
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        let answer = self.answer.lock().unwrap().clone();
        // The client may have hung up first: an answer that is too large is not read to its end.
        let _gone = stream.write_all(&answer).await;
        let _gone = stream.shutdown().await;
    }
}
