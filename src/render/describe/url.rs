//! The words of what is wrong with a connection URL.

use crate::db::{KeywordDefect, UrlDefect};
use crate::render::{Description, Exit};

/// Says what is wrong with the words that say where to connect; nothing was connected to.
pub(super) fn describe(defect: &UrlDefect) -> Description {
    let refused = |message: String| Description::new(defect.code(), Exit::Refused, message);
    match defect {
        UrlDefect::NotAConnectionString => refused("the database URL is not one".to_owned())
            .hint("write `postgres://user@host:5432/database`")
            .hint("or libpq's `host=… dbname=…`, or `embedded` for a server of this project's own"),
        UrlDefect::Scheme { scheme } => refused(format!(
            "the database URL begins with `{scheme}://`, and grace-migrate only speaks PostgreSQL"
        ))
        .hint(scheme_hint(scheme)),
        UrlDefect::Unescaped { character, escape } => refused(format!(
            "the user name or password in the database URL has a `{character}` that ends it too early"
        ))
        .hint(format!("write {escape} for `{character}` in a user name or password"))
        .hint("or leave the password out, and give it as `PGPASSWORD` or in `~/.pgpass`"),
        UrlDefect::PercentEncoding { part } => refused(format!(
            "in the database URL, a `%` in {part} is not followed by two hexadecimal digits of UTF-8 text"
        ))
        .hint("write %25 for `%`"),
        UrlDefect::Brackets => {
            refused("the bracketed host in the database URL is broken".to_owned())
                .hint("an IPv6 address is written `[::1]:5432`")
        }
        UrlDefect::ParameterShape { number } => refused(format!(
            "parameter {number} after the `?` of the database URL is not `name=value`"
        ))
        .hint("write %26 for `&` and %3D for `=` within a value"),
        UrlDefect::KeywordShape { character, what } => {
            let (what, hint) = match what {
                KeywordDefect::MissingEquals => (
                    "has a word without `=`",
                    "put a value with spaces in single quotes: `password='a b'`",
                ),
                KeywordDefect::UnterminatedQuote => (
                    "has a single quote that is never closed",
                    r"write \' for a single quote within a value",
                ),
            };
            refused(format!("the connection string {what}, at character {character}")).hint(hint)
        }
        UrlDefect::UnknownParameter {
            name: Some(name),
            nearest,
        } => {
            let described = refused(format!("there is no connection parameter `{name}`"));
            match nearest {
                Some(nearest) => described.hint(format!("did you mean `{nearest}`?")),
                None => described.hint("libpq's parameters are known: `host`, `port`, `dbname`, `user`, `sslmode`, …"),
            }
        }
        UrlDefect::UnknownParameter { name: None, .. } => refused(
            "what follows the password in the connection string is no connection parameter"
                .to_owned(),
        )
        .hint("in a URL, write %26 for `&` and %3D for `=` within the password")
        .hint("in `keyword=value` pairs, put a password with spaces in single quotes"),
        UrlDefect::Unsupported { name, instead } => refused(format!(
            "the connection parameter `{name}` is not supported, and is not ignored either"
        ))
        .hint(format!("leave `{name}` out: {instead}")),
        UrlDefect::Value {
            name,
            value,
            expected,
        } => refused(match value {
            Some(value) => format!("the connection parameter `{name}` cannot be `{value}`"),
            None => format!("the connection parameter `{name}` has a wrong value"),
        })
        .hint(format!("it is {expected}")),
        UrlDefect::ListLength { name, count, hosts } => refused(format!(
            "there are {count} values of `{name}` for {}",
            if *hosts == 1 { "1 host".to_owned() } else { format!("{hosts} hosts") }
        ))
        .hint(format!("give `{name}` one value, or one for each host")),
        UrlDefect::NoUser => refused("nothing says which user to connect as".to_owned())
            .hint("name it in the URL, `postgres://user@host/database`, or as `PGUSER`"),
        UrlDefect::NoService { service, files } => files
            .iter()
            .fold(
                refused(format!("the connection service `{service}` is not defined")),
                |described, file| described.fact(["looked in", &file.display().to_string()]),
            )
            .hint(format!("write a section `[{service}]` into one of these files")),
        UrlDefect::ServiceFile { path, line, reason } => {
            let place = match line {
                0 => path.display().to_string(),
                line => format!("{}:{line}", path.display()),
            };
            refused("the file that defines connection services cannot be used".to_owned())
                .fact([place, reason.clone()])
        }
        UrlDefect::WeakSslMode { mode } => refused(format!(
            "`sslrootcert=system` with `sslmode={mode}` would trust everybody whom any public authority certifies"
        ))
        .hint("write `sslmode=verify-full`, or leave `sslmode` out"),
    }
}

fn scheme_hint(scheme: &str) -> String {
    match scheme {
        _ if scheme.starts_with("jdbc:") => "leave `jdbc:` out".to_owned(),
        _ if scheme.starts_with("postgres") => {
            format!("leave the driver's name out: `postgresql://` for `{scheme}://`")
        }
        _ => "write `postgres://user@host:5432/database`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::shown;
    use super::*;

    #[test]
    fn every_defect_has_its_words() {
        let defects = [
            UrlDefect::NotAConnectionString,
            UrlDefect::Scheme {
                scheme: "jdbc:postgresql".to_owned(),
            },
            UrlDefect::Scheme {
                scheme: "postgresql+psycopg2".to_owned(),
            },
            UrlDefect::Scheme {
                scheme: "mysql".to_owned(),
            },
            UrlDefect::Unescaped {
                character: '@',
                escape: "%40",
            },
            UrlDefect::PercentEncoding {
                part: "the password",
            },
            UrlDefect::Brackets,
            UrlDefect::ParameterShape { number: 2 },
            UrlDefect::KeywordShape {
                character: 11,
                what: KeywordDefect::MissingEquals,
            },
            UrlDefect::KeywordShape {
                character: 1,
                what: KeywordDefect::UnterminatedQuote,
            },
            UrlDefect::UnknownParameter {
                name: Some("sslmod".to_owned()),
                nearest: Some("sslmode"),
            },
            UrlDefect::UnknownParameter {
                name: Some("schema".to_owned()),
                nearest: None,
            },
            UrlDefect::UnknownParameter {
                name: None,
                nearest: None,
            },
            UrlDefect::Unsupported {
                name: "sslcrl",
                instead: "certificate revocation lists are not read",
            },
            UrlDefect::Value {
                name: "sslmode",
                value: Some("on".to_owned()),
                expected: "`disable` or `require`",
            },
            UrlDefect::Value {
                name: "port",
                value: None,
                expected: "a number from 1 to 65535",
            },
            UrlDefect::ListLength {
                name: "port",
                count: 3,
                hosts: 2,
            },
            UrlDefect::NoUser,
            UrlDefect::NoService {
                service: "app".to_owned(),
                files: vec!["/home/anna/.pg_service.conf".into()],
            },
            UrlDefect::ServiceFile {
                path: "/home/anna/.pg_service.conf".into(),
                line: 3,
                reason: "a line is `name=value`".to_owned(),
            },
            UrlDefect::WeakSslMode { mode: "require" },
        ];
        let all: Vec<String> = defects
            .iter()
            .map(|defect| shown(&describe(defect)))
            .collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
