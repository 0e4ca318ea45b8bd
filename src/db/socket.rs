//! Reaching a server: an address, a socket, and TLS over it where it is wanted.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::spec::Keepalives;
use super::{Endpoint, Host, TlsFailure, Unreachable, tls};

/// Keepalives that notice a dead link within a minute.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_COUNT: u32 = 3;

/// Where a socket leads.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<TcpStream>>::Stream;

/// An open way to a server.
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    Tls(Box<Encrypted>),
}

/// Whether TLS is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    Never,
    /// If the server can.
    Offered,
    Demanded,
    /// Demanded, and begun without asking.
    Direct,
}

/// Why there is no socket.
pub(super) enum Failure {
    Unreachable(Unreachable),
    Tls(TlsFailure),
}

/// The addresses of a server.
pub(super) async fn resolve(endpoint: &Endpoint) -> Result<Vec<Address>, Unreachable> {
    let host = match (&endpoint.host, endpoint.address) {
        #[cfg(unix)]
        (Host::Unix(folder), _) => {
            let name = format!(".s.PGSQL.{}", endpoint.port);
            return Ok(vec![Address::Unix(folder.join(name))]);
        }
        #[cfg(not(unix))]
        (Host::Unix(_), _) => return Err(Unreachable::NoSocket),
        (Host::Tcp(_), Some(address)) => return Ok(tcp(endpoint, [address])),
        (Host::Tcp(host), None) => host,
    };
    match tokio::net::lookup_host((host.as_str(), endpoint.port)).await {
        Ok(addresses) => Ok(addresses.map(Address::Tcp).collect()),
        Err(error) => Err(Unreachable::NoSuchHost {
            reason: error.to_string(),
        }),
    }
}

fn tcp(endpoint: &Endpoint, addresses: impl IntoIterator<Item = IpAddr>) -> Vec<Address> {
    addresses
        .into_iter()
        .map(|address| Address::Tcp(SocketAddr::new(address, endpoint.port)))
        .collect()
}

impl Socket {
    /// Opens a socket.
    pub(super) async fn dial(
        address: &Address,
        keepalives: &Keepalives,
    ) -> Result<Self, Unreachable> {
        let opened = match address {
            Address::Tcp(address) => TcpStream::connect(address).await.and_then(|stream| {
                stream.set_nodelay(true)?;
                keep_alive(&stream, keepalives)?;
                Ok(Self::Tcp(stream))
            }),
            #[cfg(unix)]
            Address::Unix(path) => UnixStream::connect(path).await.map(Self::Unix),
        };
        opened.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => Unreachable::Refused,
            io::ErrorKind::NotFound => Unreachable::NoSocket,
            io::ErrorKind::PermissionDenied => Unreachable::PermissionDenied,
            _ => Unreachable::Other {
                reason: error.to_string(),
            },
        })
    }

    /// Speaks TLS over it, as asked; Unix sockets never do.
    pub(super) async fn secure(
        self,
        encryption: Encryption,
        host: &str,
        connector: &MakeRustlsConnect,
    ) -> Result<Self, Failure> {
        let Self::Tcp(mut stream) = self else {
            return Ok(self);
        };
        match encryption {
            Encryption::Never => return Ok(Self::Tcp(stream)),
            Encryption::Direct => {}
            Encryption::Offered | Encryption::Demanded => {
                if !ask_for_tls(&mut stream)
                    .await
                    .map_err(Failure::Unreachable)?
                {
                    return match encryption {
                        Encryption::Offered => Ok(Self::Tcp(stream)),
                        _ => Err(Failure::Tls(TlsFailure::NotOffered)),
                    };
                }
            }
        }
        let mut connector = connector.clone();
        let made: Result<_, Infallible> =
            MakeTlsConnect::<TcpStream>::make_tls_connect(&mut connector, host);
        let Ok(handshake) = made;
        match handshake.connect(stream).await {
            Ok(stream) => Ok(Self::Tls(Box::new(stream))),
            Err(error) => {
                let reason = error.to_string();
                let failure = tls::failure(&error);
                let failure = failure.unwrap_or(TlsFailure::Handshake { reason });
                Err(Failure::Tls(failure))
            }
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    pub(super) fn channel_binding(&self) -> ChannelBinding {
        match self {
            Self::Tls(stream) => stream.channel_binding(),
            _ => ChannelBinding::none(),
        }
    }
}

/// Whether the server is ready to speak TLS.
async fn ask_for_tls(stream: &mut TcpStream) -> Result<bool, Unreachable> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let asked = async {
        stream.write_all(&SSL_REQUEST).await?;
        // One byte and no more: what follows belongs to TLS.
        stream.read_u8().await
    };
    match asked.await {
        Ok(b'S') => Ok(true),
        Ok(b'N') => Ok(false),
        Ok(_) => Err(Unreachable::HungUp {
            reason: "it does not answer as PostgreSQL does".to_owned(),
        }),
        Err(error) => Err(Unreachable::HungUp {
            reason: error.to_string(),
        }),
    }
}

fn keep_alive(stream: &TcpStream, keepalives: &Keepalives) -> io::Result<()> {
    if keepalives.off {
        return Ok(());
    }
    let socket = SockRef::from(stream);
    let settings = TcpKeepalive::new()
        .with_time(keepalives.idle.unwrap_or(KEEPALIVE_IDLE))
        .with_interval(keepalives.interval.unwrap_or(KEEPALIVE_INTERVAL));
    #[cfg(unix)]
    let settings = settings.with_retries(keepalives.count.unwrap_or(KEEPALIVE_COUNT));
    socket.set_tcp_keepalive(&settings)?;
    #[cfg(target_os = "linux")]
    if let Some(timeout) = keepalives.user_timeout {
        socket.set_tcp_user_timeout(Some(timeout))?;
    }
    Ok(())
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl TlsStream for Socket {
    fn channel_binding(&self) -> ChannelBinding {
        Self::channel_binding(self)
    }
}

/// A socket that stays open when its borrower is done with it.
pub(super) struct Kept<'a>(pub(super) &'a mut Socket);

impl AsyncRead for Kept<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Kept<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Kept<'_> {
    fn channel_binding(&self) -> ChannelBinding {
        self.0.channel_binding()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection's keepalive: on or off, and after how long.
    async fn kept_alive(keepalives: &Keepalives) -> (bool, Duration) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::Tcp(listener.local_addr().unwrap());
        let Ok(Socket::Tcp(stream)) = Socket::dial(&address, keepalives).await else {
            panic!("no connection");
        };
        let socket = SockRef::from(&stream);
        (
            socket.keepalive().unwrap(),
            socket.tcp_keepalive_time().unwrap(),
        )
    }

    #[tokio::test]
    async fn tcp_is_kept_alive_unless_that_is_off() {
        let (on, idle) = kept_alive(&Keepalives::default()).await;
        assert!(on);
        assert_eq!(idle, KEEPALIVE_IDLE);
        let own = Keepalives {
            idle: Some(Duration::from_secs(7)),
            ..Keepalives::default()
        };
        assert_eq!(kept_alive(&own).await, (true, Duration::from_secs(7)));
        let off = Keepalives {
            off: true,
            ..Keepalives::default()
        };
        assert!(!kept_alive(&off).await.0);
    }
}
