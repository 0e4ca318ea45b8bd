//! A client that sends what it is told to, right or wrong, and waits for a minute at the most.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long anything may take before the test has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A request. Every one has a connection of its own.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Ask {
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A change of the caller's profile.
    pub(super) fn change(body: &str) -> Self {
        Self::new("PATCH", "/profile").json(body)
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(super) fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The bytes of it.
    fn wire(&self) -> Vec<u8> {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nhost: grace.test\r\nconnection: close\r\n",
            self.method, self.path
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        let mut wire = text.into_bytes();
        wire.extend(self.body.iter().flatten());
        wire
    }

    /// Sends it, and leaves the answer to whoever reads it.
    pub(super) async fn sent_to(&self, address: SocketAddr) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&self.wire()).await?;
        Ok(stream)
    }

    /// The answer to it; an error where the connection is refused, or ends without one.
    pub(super) async fn try_at(&self, address: SocketAddr) -> std::io::Result<Answer> {
        let asked = async {
            let mut stream = self.sent_to(address).await?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await?;
            Answer::parse(&bytes).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
        };
        match timeout(PATIENCE, asked).await {
            Ok(answer) => answer,
            Err(_) => panic!("no answer within a minute to {} {}", self.method, self.path),
        }
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The state that a record is in.
    #[track_caller]
    pub(super) fn etag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub(super) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The code of the problem that it tells of, in every part as one must be.
    #[track_caller]
    pub(super) fn problem(&self) -> String {
        let told = self.text();
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{} {told}",
            self.status
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{told}");
        assert!(problem["title"].is_string(), "{told}");
        assert_eq!(
            self.header("www-authenticate").is_some(),
            self.status == 401,
            "{told}"
        );
        let kind = problem["type"].as_str().expect("a type");
        let code = kind.strip_prefix("urn:grace:problem:");
        code.expect("a kind of ours").to_owned()
    }
}
