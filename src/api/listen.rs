//! Connections: accepted, held to their limits, and ended in good order.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// The most connections at one time; more wait in the socket's queue.
const MOST_CONNECTIONS: usize = 4096;

/// How long a connection may take for the head of a request, and be without one.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the head of a request may be.
const HEAD_BYTES: u32 = 32 * 1024;

/// How long whoever has just connected may take for the first request when the server stops.
const FIRST_REQUEST: Duration = Duration::from_millis(500);

/// As long as it takes to accept those who wait already.
const WAITING: Duration = Duration::from_millis(50);

/// How long it is waited where the system gives no more sockets.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// A server of connections.
pub(super) struct Serving {
    router: Router,
    builder: Builder<TokioExecutor>,
    head: Duration,
    stop: watch::Sender<bool>,
    room: Arc<Semaphore>,
    connections: JoinSet<()>,
}

impl Serving {
    /// One that has none yet, and gives a connection this long for the head of a request.
    pub(super) fn new(router: Router, head: Duration) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .max_buf_size(HEAD_BYTES as usize)
            .header_read_timeout(head);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD_BYTES)
            .keep_alive_interval(head)
            .max_concurrent_streams(100);
        Self {
            router,
            builder,
            head,
            stop: watch::Sender::new(false),
            room: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            connections: JoinSet::new(),
        }
    }

    /// Accepts connections, for ever.
    pub(super) async fn accept(&mut self, listener: &TcpListener) {
        loop {
            let Ok(room) = Arc::clone(&self.room).acquire_owned().await else {
                return;
            };
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // A client that is gone already, or no more sockets.
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(OUT_OF_SOCKETS).await;
                    continue;
                }
            };
            self.serve(stream, peer, room);
            while self.connections.try_join_next().is_some() {}
        }
    }

    /// Accepts those who wait already, as far as there is room: they connected while the server
    /// listened.
    pub(super) async fn accept_waiting(&mut self, listener: &TcpListener) {
        let all = async {
            while let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                let Ok((stream, peer)) = listener.accept().await else {
                    return;
                };
                self.serve(stream, peer, room);
            }
        };
        let _nobody_waits = tokio::time::timeout(WAITING, all).await;
    }

    fn serve(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        room: tokio::sync::OwnedSemaphorePermit,
    ) {
        // Answers are small, and are not to wait for more.
        let _unheard = stream.set_nodelay(true);
        let router = self.router.clone();
        let begun = Arc::new(AtomicBool::new(false));
        let first = Arc::clone(&begun);
        let service = service_fn(move |mut request: Request<Incoming>| {
            first.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let (mut stop, head) = (self.stop.subscribe(), self.head);
        self.connections.spawn(async move {
            let mut connection = pin!(connection);
            let stopping = async { drop(stop.wait_for(|stop| *stop).await) };
            // The time limit on heads begins with a first byte of HTTP/1: this is for those who send
            // nothing, or nothing that is a request.
            let silent = async {
                tokio::time::sleep(head).await;
                if begun.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            // How a client leaves is no matter of ours.
            tokio::select! {
                // A request that is here already is read before it is heard that the server stops.
                biased;
                _left = connection.as_mut() => {}
                () = silent => {}
                () = stopping => {
                    // Without a request yet the connection would be cut, with one on its way.
                    let ended = !begun.load(Ordering::Relaxed)
                        && tokio::time::timeout(FIRST_REQUEST, connection.as_mut()).await.is_ok();
                    if !ended {
                        connection.as_mut().graceful_shutdown();
                        let _left = connection.await;
                    }
                }
            }
            drop(room);
        });
    }

    /// Lets the requests in flight end, and cuts off those that have not by then; whether all have.
    pub(super) async fn drain(mut self, patience: Duration) -> bool {
        self.stop.send_replace(true);
        let all = async { while self.connections.join_next().await.is_some() {} };
        let ended = tokio::time::timeout(patience, all).await;
        self.connections.shutdown().await;
        ended.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What a client gets that sends this, and then nothing.
    async fn told(sent: &[u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        let mut serving = Serving::new(router, Duration::from_millis(300));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(sent).await.unwrap();
        let mut said = Vec::new();
        tokio::select! {
            () = serving.accept(&listener) => unreachable!("it accepts for ever"),
            // Whether it is told that it was too slow, or just left, is no matter.
            _end = client.read_to_end(&mut said) => {}
        }
        assert!(serving.drain(Duration::from_secs(10)).await);
        String::from_utf8(said).unwrap()
    }

    #[tokio::test]
    async fn who_sends_no_request_is_left() {
        for sent in [&b""[..], b"PRI * HT", b"GET / HTTP/1.1\r\nhost: here\r\n"] {
            let said = told(sent).await;
            assert!(!said.contains("200 OK"), "{said}");
        }
        let whole = told(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await;
        assert!(whole.ends_with("here"), "{whole}");
    }
}
