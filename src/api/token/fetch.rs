//! Fetching the published keys.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, StatusCode, Url};
use thiserror::Error;

use super::key_set::{KeySet, NotAKeySet};
use super::{JwksSettings, JwksUrlDefect, KeyDefect};

/// How large a key set may be: some hundred keys.
const MOST_BYTES: usize = 64 * 1024;

/// Where the keys are fetched.
#[derive(Debug)]
pub(super) struct Endpoint {
    client: Client,
    url: Url,
}

/// Why a fetch brought no keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum FetchFault {
    /// The server could not be reached, is not who it says, or broke off.
    #[error("{reason}")]
    Transport {
        /// The client's words.
        reason: String,
    },
    /// It answered something else. Redirects are answers too: keys come from where they are
    /// configured to come from.
    #[error("the answer is {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The body is too large.
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// The body is no key set.
    #[error("the answer is no key set")]
    NotAKeySet,
}

impl From<reqwest::Error> for FetchFault {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport {
            reason: words(error),
        }
    }
}

impl From<NotAKeySet> for FetchFault {
    fn from(NotAKeySet: NotAKeySet) -> Self {
        Self::NotAKeySet
    }
}

/// An error with what lies beneath it: the client's own words alone say only that it failed.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(beneath) = source {
        text.push_str(": ");
        text.push_str(&beneath.to_string());
        source = beneath.source();
    }
    text
}

impl Endpoint {
    pub(super) fn new(settings: &JwksSettings) -> Result<Self, KeyDefect> {
        let (url, reach) = parse(&settings.url).map_err(KeyDefect::JwksUrl)?;
        let builder = Client::builder()
            .user_agent(concat!("grace-api/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.timeout)
            .redirect(Policy::none())
            .referer(false)
            // Once in ten minutes: a connection kept for the next fetch would be closed by then.
            .pool_max_idle_per_host(0);
        let builder = match reach {
            // The provider of rustls need not be said: unlike rustls itself, which has two to choose
            // from in this program, the client falls back to one that it names.
            Reach::Tls => builder.https_only(true),
            // Not by way of a proxy, and not to where a resolver may say that `localhost` is. No
            // certificates are looked for, which a machine need not have to speak with itself.
            Reach::ThisMachine => builder
                .no_proxy()
                .resolve_to_addrs(
                    "localhost",
                    &[
                        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
                    ],
                )
                .tls_certs_only(std::iter::empty::<Certificate>()),
        };
        let client = builder.build().map_err(|error| KeyDefect::NoClient {
            reason: words(error),
        })?;
        Ok(Self { client, url })
    }

    /// The keys as they are published now.
    pub(super) async fn fetch(&self) -> Result<KeySet, FetchFault> {
        let mut answer = self.client.get(self.url.clone()).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchFault::Status {
                status: answer.status().as_u16(),
            });
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            if body.len() + piece.len() > MOST_BYTES {
                return Err(FetchFault::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(KeySet::parse(&body)?)
    }

    /// Where, for the log.
    pub(super) fn url(&self) -> &str {
        self.url.as_str()
    }
}

/// How far the keys' way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Over a network, so by TLS.
    Tls,
    /// Not beyond this machine.
    ThisMachine,
}

fn parse(text: &str) -> Result<(Url, Reach), JwksUrlDefect> {
    let url = Url::parse(text).map_err(|_| JwksUrlDefect::NotAUrl)?;
    let host = url.host_str().ok_or(JwksUrlDefect::NotAUrl)?.to_owned();
    if !url.username().is_empty() || url.password().is_some() {
        return Err(JwksUrlDefect::Credentials);
    }
    match url.scheme() {
        "https" => Ok((url, Reach::Tls)),
        "http" if is_loopback(&host) => Ok((url, Reach::ThisMachine)),
        "http" => Err(JwksUrlDefect::PlainHttp { host }),
        scheme => Err(JwksUrlDefect::Scheme {
            scheme: scheme.to_owned(),
        }),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
