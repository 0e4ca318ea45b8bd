//! The servers that a connection string names.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::parameters::Given;
use super::{Endpoint, Host, UrlDefect};

pub(super) const DEFAULT_PORT: u16 = 5432;

/// Where servers put their sockets: Debian's place and PostgreSQL's own.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Pairs hosts, addresses and ports up.
pub(super) fn endpoints(given: &Given) -> Result<Vec<Endpoint>, UrlDefect> {
    let list = |name| -> Vec<&str> {
        given
            .get(name)
            .map_or_else(Vec::new, |text| text.split(',').map(str::trim).collect())
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = hosts.len().max(addresses.len()).max(1);
    let wrong = |name, list: &[&str]| UrlDefect::ListLength {
        name,
        count: list.len(),
        hosts: count,
    };
    if !addresses.is_empty() && !hosts.is_empty() && addresses.len() != hosts.len() {
        return Err(wrong("hostaddr", &addresses));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(wrong("port", &ports));
    }
    (0..count)
        .map(|index| {
            let port = match ports.get(index).or_else(|| ports.first()) {
                None | Some(&"") => DEFAULT_PORT,
                Some(text) => text.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
                    UrlDefect::Value {
                        name: "port",
                        // `user:password/database` without its host looks like a port.
                        value: text.parse::<u64>().ok().map(|_| (*text).to_owned()),
                        expected: "a number from 1 to 65535",
                    }
                })?,
            };
            let address = match addresses.get(index) {
                None | Some(&"") => None,
                Some(text) => Some(IpAddr::from_str(text).map_err(|_| UrlDefect::Value {
                    name: "hostaddr",
                    value: Some((*text).to_owned()),
                    expected: "an IP address",
                })?),
            };
            let host = match (hosts.get(index).copied().unwrap_or_default(), address) {
                ("", Some(address)) => Host::Tcp(address.to_string()),
                ("", None) => default_host(port),
                (folder, _) if folder.starts_with('/') => Host::Unix(PathBuf::from(folder)),
                (name, _) if name.contains(['@', '/']) => {
                    return Err(UrlDefect::Unescaped {
                        character: '@',
                        escape: "%40",
                    });
                }
                (name, _) => Host::Tcp(name.to_owned()),
            };
            Ok(Endpoint {
                host,
                address,
                port,
            })
        })
        .collect()
}

/// The folder in which a server's socket lies, else the first that exists.
fn default_host(port: u16) -> Host {
    if cfg!(not(unix)) {
        return Host::Tcp("localhost".to_owned());
    }
    let folders = SOCKET_FOLDERS.map(Path::new);
    let folder = folders
        .iter()
        .find(|folder| folder.join(format!(".s.PGSQL.{port}")).exists())
        .or_else(|| folders.iter().find(|folder| folder.is_dir()))
        .unwrap_or(&folders[1]);
    Host::Unix(folder.to_path_buf())
}
