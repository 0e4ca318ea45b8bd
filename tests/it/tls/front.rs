//! A front for the tests' server that speaks TLS, or refuses to, as a test wants it.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;

use grace_migrate::db::{ConnectSpec, Host, Surroundings};

use crate::support::server;

/// An authority made for one test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A certificate and its key, both as PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for `names` as alternative names, with `common_name` as its subject.
    pub(crate) fn issue(&self, names: &[&str], common_name: &str, years: (i32, i32)) -> Identity {
        let (params, key) = params(names, common_name, years);
        Identity {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A certificate that is its own issuer, and one of an authority, as `openssl req -x509` makes it.
pub(crate) fn self_signed(names: &[&str], common_name: &str, years: (i32, i32)) -> Identity {
    let (mut params, key) = params(names, common_name, years);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Identity {
        certificate: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

fn params(names: &[&str], common_name: &str, years: (i32, i32)) -> (CertificateParams, KeyPair) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    (params, KeyPair::generate().unwrap())
}

/// What a front does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Speaks TLS to who asks, and the plain protocol to who does not.
    Polite,
    /// Speaks no TLS.
    Plain,
    /// Lets in only who speaks TLS, as a line `hostssl` does.
    OnlyTls,
    /// Lets in only who does not, as a line `hostnossl` does.
    OnlyPlain,
    /// Begins with TLS at once.
    Direct,
    /// Is no PostgreSQL server.
    Foreign,
    /// Takes connections and says nothing.
    Silent,
}

/// A port of this machine, served until the test's runtime ends.
pub(crate) struct Front {
    address: SocketAddr,
}

impl Front {
    pub(crate) async fn new(manner: Manner, identity: &Identity) -> Self {
        Self::with_clients(manner, identity, None).await
    }

    /// One that asks clients for a certificate of this authority.
    pub(crate) async fn with_clients(
        manner: Manner,
        identity: &Identity,
        clients: Option<&Authority>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = acceptor(identity, clients);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that hangs up is what many tests are about.
                    let _ = serve(stream, manner, acceptor).await;
                });
            }
        });
        Self { address }
    }

    /// A connection string to `postgres` by way of this front.
    pub(crate) fn url(&self, host: &str, parameters: &str) -> String {
        let user = server().url("postgres");
        let user = spec(&user).user().to_owned();
        format!(
            "host={host} hostaddr=127.0.0.1 port={} user={user} dbname=postgres {parameters}",
            self.address.port()
        )
    }
}

pub(crate) fn spec(text: &str) -> ConnectSpec {
    ConnectSpec::parse(text, &Surroundings::default()).unwrap()
}

fn acceptor(identity: &Identity, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap();
            roots.add(root).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    // Not `with_single_cert`, which looks at the certificate, and refuses version 1.
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let certified = CertifiedKey::new(vec![certificate], key);
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    mut stream: TcpStream,
    manner: Manner,
    acceptor: TlsAcceptor,
) -> std::io::Result<()> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    match manner {
        Manner::Direct => return forward(acceptor.accept(stream).await?, &[]).await,
        Manner::Foreign => return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
        Manner::Silent => {
            let mut sink = Vec::new();
            stream.read_to_end(&mut sink).await?;
            return Ok(());
        }
        _ => {}
    }
    let mut first = [0; 8];
    stream.read_exact(&mut first).await?;
    if first == SSL_REQUEST {
        if manner == Manner::Plain {
            stream.write_all(b"N").await?;
            stream.read_exact(&mut first).await?;
            return forward(stream, &first).await;
        }
        stream.write_all(b"S").await?;
        let stream = acceptor.accept(stream).await?;
        return match manner {
            Manner::OnlyPlain => refuse(stream, "SSL encryption").await,
            _ => forward(stream, &[]).await,
        };
    }
    match manner {
        Manner::OnlyTls => refuse(stream, "no encryption").await,
        _ => forward(stream, &first).await,
    }
}

/// Says what the server says where `pg_hba.conf` has no line.
async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    how: &str,
) -> std::io::Result<()> {
    let text = format!("SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry, {how}\0\0");
    let length = u32::try_from(text.len() + 4).unwrap();
    stream.write_all(b"E").await?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

/// Hands everything on to the tests' server.
async fn forward<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    first: &[u8],
) -> std::io::Result<()> {
    let spec = spec(&server().url("postgres"));
    let endpoint = &spec.endpoints()[0];
    let Host::Unix(folder) = &endpoint.host else {
        panic!("the tests' server has a Unix socket");
    };
    let socket = folder.join(format!(".s.PGSQL.{}", endpoint.port));
    let mut server = UnixStream::connect(socket).await?;
    server.write_all(first).await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}
