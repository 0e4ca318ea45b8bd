//! Making a data folder.

use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::account::{Account, Orphan};
use super::address::SUPERUSER;
use super::binaries::Binaries;
use super::error::EngineError;
use super::folder;

/// Whether a data folder must outlive the machine's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    Durable,
    Scratch,
}

/// Makes a data folder in an empty folder that belongs to the account: UTF-8, code point order,
/// and no password for whoever may enter the socket's folder.
pub(super) fn initdb(
    binaries: &Binaries,
    data: &Path,
    account: &Account,
    durability: Durability,
) -> Result<(), EngineError> {
    let locales: &[&[&str]] = if binaries.version.major >= 17 {
        &[&[
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    };
    let mut said = String::new();
    for locale in locales {
        let program = binaries.program("initdb");
        let mut command = command(&program, account, Orphan::Gets(Signal::TERM));
        command
            .arg("-D")
            .arg(data)
            .args([
                "-U",
                SUPERUSER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-instructions",
            ])
            .args(*locale)
            .stdin(Stdio::null());
        if durability == Durability::Scratch {
            command.arg("--no-sync");
        }
        let output = command.output().map_err(EngineError::io("run", &program))?;
        if output.status.success() {
            return Ok(());
        }
        said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        // A system without C.UTF-8: what the first try left is gone, initdb sees to that.
        if !said.contains("locale") {
            break;
        }
    }
    Err(EngineError::Initdb {
        dir: data.to_path_buf(),
        output: folder::last_lines(&said),
    })
}

/// A command as the server's account, in a folder that every account can enter, and with nothing
/// of this program's environment: a stray `PGDATA` or locale must not change what it does.
pub(super) fn command(program: &Path, account: &Account, orphan: Orphan) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/");
    account.prepare(&mut command, orphan);
    command
}
