//! Connections: accepted, held to their limits, and ended in good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// The most connections at one time; more wait in the socket's queue.
const MOST_CONNECTIONS: usize = 4096;

/// How long a connection may take for the head of a request, and be without one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long it is waited where the system gives no more sockets.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// A server of connections.
pub(super) struct Serving {
    router: Router,
    builder: Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    room: Arc<Semaphore>,
    connections: JoinSet<()>,
}

impl Serving {
    /// One that has none yet.
    pub(super) fn new(router: Router) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(HEAD_TIMEOUT)
            .max_concurrent_streams(100);
        Self {
            router,
            builder,
            graceful: GracefulShutdown::new(),
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

    fn serve(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        room: tokio::sync::OwnedSemaphorePermit,
    ) {
        // Answers are small, and are not to wait for more.
        let _unheard = stream.set_nodelay(true);
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let connection = self.graceful.watch(connection);
        self.connections.spawn(async move {
            // How a client leaves is no matter of ours.
            let _left = connection.await;
            drop(room);
        });
    }

    /// Lets the requests in flight end, and cuts off those that have not by then; whether all have.
    pub(super) async fn drain(mut self, patience: Duration) -> bool {
        let ended = tokio::time::timeout(patience, self.graceful.shutdown()).await;
        self.connections.shutdown().await;
        ended.is_ok()
    }
}
