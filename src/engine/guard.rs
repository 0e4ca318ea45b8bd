//! Ends a server whose users were killed: a small shell process that waits beside it.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::EngineError;

const SHELL: &str = "/bin/sh";

/// Ends a server once nobody uses it, and waits for its end. Its pid file must still name it: its
/// number may be another process's by now.
const END: &str = r#"
    if [ "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" = "$pid" ]; then
        kill "-$signal" "$pid" 2>/dev/null
    fi
    tries=0
    while [ "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" = "$pid" ] &&
        kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 600 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
"#;

/// Guards a scratch server: when the process that holds the returned child's input ends, the
/// server is ended and its folder, with the data in `data`, is removed.
pub(super) fn guard_scratch(dir: &Path, pid: i32) -> Result<Child, EngineError> {
    let script = format!(
        r#"
        dir=$1 pid=$2 data=$1/data signal=QUIT
        exec >/dev/null
        cat
        {END}
        rm -rf "$dir"
        "#
    );
    spawn(&script, &[dir], pid, Stdio::piped())
}

/// Guards the project's server: when nobody holds the lock of `users` any more, the server is
/// ended, unless `kept` names it. Where the system has no `flock` nobody waits, and the next
/// command finds the server.
pub(super) fn guard_project(root: &Path, socket_dir: &Path, pid: i32) -> Result<(), EngineError> {
    let script = format!(
        r#"
        dir=$1 sockets=$2 pid=$3 data=$1/postgres signal=INT
        exec >/dev/null
        exec 9<>"$dir/users" && flock -x 9 2>/dev/null || exit 0
        if [ "$(cat "$dir/kept" 2>/dev/null)" = "$pid" ]; then
            exit 0
        fi
        {END}
        rm -rf "$sockets"
        "#
    );
    let mut guard = spawn(&script, &[root, socket_dir], pid, Stdio::null())?;
    // A process that is just being started still has this one's files, and so its lock: it is
    // waited for until it says, by closing its output, that it runs.
    let mut output = guard.stdout.take();
    if let Some(output) = &mut output {
        io::copy(output, &mut io::sink()).map_err(EngineError::io("start", Path::new(SHELL)))?;
    }
    // Where this process lives on, somebody must take note of the guard's end.
    std::thread::spawn(move || guard.wait());
    Ok(())
}

fn spawn(script: &str, dirs: &[&Path], pid: i32, input: Stdio) -> Result<Child, EngineError> {
    Command::new(SHELL)
        .args(["-c", script, "grace-migrate-guard"])
        .args(dirs)
        .arg(pid.to_string())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(EngineError::io("run", Path::new(SHELL)))
}
