//! The URI form, `postgres://user:password@host:port/database?name=value`, by libpq's rules.

use super::UrlDefect;
use super::parameters::Given;

/// The parameters that a URI gives, in the order in which they stand.
///
/// `rest` is what follows `postgres://`.
pub(super) fn parse(rest: &str, given: &mut Given) -> Result<(), UrlDefect> {
    let (before_query, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match before_query.split_once('/') {
        Some((authority, path)) => (authority, Some(path)),
        None => (before_query, None),
    };
    let hosts = match authority.split_once('@') {
        Some((credentials, hosts)) => {
            if hosts.contains('@') {
                return Err(unescaped('@'));
            }
            parse_credentials(credentials, given)?;
            hosts
        }
        None => {
            refuse_misplaced_credentials(authority, path, query)?;
            authority
        }
    };
    parse_hosts(hosts, given)?;
    if let Some(path) = path
        && !path.is_empty()
    {
        given.set("dbname", decode(path, "the database name")?)?;
    }
    match query {
        Some(query) => parse_query(query, given),
        None => Ok(()),
    }
}

/// `user:pa/ss@host` and `user:pa?ss@host` end the authority within the password: what looks like
/// host and port is then a part of the secret, so it is refused before anything names it.
fn refuse_misplaced_credentials(
    authority: &str,
    path: Option<&str>,
    query: Option<&str>,
) -> Result<(), UrlDefect> {
    if path.is_some_and(|path| path.contains('@')) {
        return Err(unescaped('/'));
    }
    let Some(query) = query else {
        return Ok(());
    };
    let names_at = query
        .split('=')
        .next()
        .is_some_and(|name| name.contains('@'));
    let odd_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err());
    if names_at || (odd_port && query.contains('@')) {
        return Err(unescaped(if path.is_some() { '/' } else { '?' }));
    }
    Ok(())
}

fn unescaped(character: char) -> UrlDefect {
    UrlDefect::Unescaped {
        character,
        escape: match character {
            '/' => "%2F",
            '?' => "%3F",
            _ => "%40",
        },
    }
}

fn parse_credentials(credentials: &str, given: &mut Given) -> Result<(), UrlDefect> {
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (credentials, None),
    };
    if !user.is_empty() {
        given.set("user", decode(user, "the user name")?)?;
    }
    match password {
        Some(password) if !password.is_empty() => {
            given.set("password", decode(password, "the password")?)
        }
        _ => Ok(()),
    }
}

/// `host:port,host:port`; an IPv6 address stands in brackets.
fn parse_hosts(text: &str, given: &mut Given) -> Result<(), UrlDefect> {
    if text.is_empty() {
        return Ok(());
    }
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for item in text.split(',') {
        let (host, port) = match item.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or(UrlDefect::Brackets)?;
                let port = match after.strip_prefix(':') {
                    Some(port) => port,
                    None if after.is_empty() => "",
                    None => return Err(UrlDefect::Brackets),
                };
                if host.is_empty() {
                    return Err(UrlDefect::Brackets);
                }
                (host, port)
            }
            None => item.split_once(':').unwrap_or((item, "")),
        };
        hosts.push(decode(host, "the host")?);
        ports.push(port);
    }
    if hosts.iter().any(|host| !host.is_empty()) {
        given.set("host", hosts.join(","))?;
    }
    if ports.iter().any(|port| !port.is_empty()) {
        given.set("port", ports.join(","))?;
    }
    Ok(())
}

fn parse_query(query: &str, given: &mut Given) -> Result<(), UrlDefect> {
    if query.is_empty() {
        return Ok(());
    }
    for (index, pair) in query.split('&').enumerate() {
        let shape = UrlDefect::ParameterShape { number: index + 1 };
        let (name, value) = pair.split_once('=').ok_or_else(|| shape.clone())?;
        if name.is_empty() || value.contains('=') {
            return Err(shape);
        }
        let name = decode(name, "a parameter's name")?;
        let value = decode(value, "a parameter's value")?;
        // JDBC's spelling, which libpq understands too.
        if name == "ssl" && value == "true" {
            given.set("sslmode", "require".to_owned())?;
        } else {
            given.set(&name, value)?;
        }
    }
    Ok(())
}

/// The text that `%XX` escapes stand for. A `+` is a plus, as in libpq.
fn decode(text: &str, part: &'static str) -> Result<String, UrlDefect> {
    let defect = UrlDefect::PercentEncoding { part };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = after;
            continue;
        }
        let digit = |at: usize| {
            after
                .get(at)
                .and_then(|&byte| char::from(byte).to_digit(16))
        };
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return Err(defect);
        };
        match u8::try_from(high * 16 + low) {
            Ok(byte) if byte != 0 => bytes.push(byte),
            _ => return Err(defect),
        }
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| defect)
}

/// `text` so that it can stand in a URL: all but unreserved characters are escaped.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
