//! Scratch servers as the program's user meets them: one that cannot be started, and what is left of
//! one when the program is told to stop.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::transcript::Transcript;
use crate::support::{Output, binaries, connect, query};

/// How long anything may take, which is for ever.
const LIMIT: Duration = Duration::from_secs(60);

/// Writes a program of the project's `bin` folder.
fn program(t: &Transcript, name: &str, script: &str) {
    let path = format!("bin/{name}");
    t.project.write(&path, format!("#!/bin/sh\n{script}\n"));
    let file = t.project.path().join(path);
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Server binaries that fail as real ones do where a right is missing: each says what the system
/// refused it.
#[test]
fn one_that_cannot_be_started() {
    let mut t = Transcript::of_files();
    t.revision(
        "a1",
        "",
        "create table public.a ();",
        "drop table public.a;",
    );
    t.project.write("schema/a.sql", "create table public.a ();");
    let cache = t.project.path().join("cache");
    t.project.env("XDG_CACHE_HOME", cache.to_str().unwrap());
    let bin = t.project.path().join("bin");
    t.project.env("GRACE_PG_BIN", bin.to_str().unwrap());
    let real = binaries().dir.display();
    let version = format!("[ \"$1\" = --version ] && exec {real}/postgres --version");
    program(&t, "postgres", &version);
    program(
        &t,
        "initdb",
        "echo 'initdb: error: could not change permissions of directory: Permission denied' >&2\nexit 1",
    );
    t.run(["diff", "head", "empty"]);
    t.run(["schema", "dump", "schema"]);
    t.run(["check", "--offline"]);
    t.run(["test"]);
    // With a data folder, and a server that may not start.
    program(&t, "initdb", &format!("exec {real}/initdb \"$@\""));
    let refused = "echo 'FATAL:  could not create shared memory segment: Permission denied' >&2";
    program(
        &t,
        "postgres",
        &format!(
            "{version}\ncase \"$*\" in *--boot*|*--single*|*--check*) exec {real}/postgres \"$@\";; esac\n\
             {refused}\nexit 1"
        ),
    );
    t.run(["diff", "head", "empty"]);
    t.run(["test"]);
    // A temporary folder whose name leaves no room for a socket is passed over: there is another.
    t.project.env("GRACE_PG_BIN", "");
    t.project.env("TMPDIR", format!("/tmp/{}", "x".repeat(120)));
    t.ok(["diff", "head", "schema"]);
    t.check_with(
        "scratch_not_started",
        &[
            (r"/\S+/gm-scratch-\d+-\d+", "[scratch]"),
            (r"(?m)^\S* ?\[\d+\] ", ""),
        ],
    );
}

/// A run of the program that makes scratch servers.
struct Run {
    child: Child,
}

impl Run {
    fn start(t: &Transcript, words: &str) -> Self {
        let mut command = t.project.command(words.split(' '));
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            child: command.spawn().unwrap(),
        }
    }

    /// The folders of its servers, by number.
    fn folders(&self) -> Vec<PathBuf> {
        folders_of(self.child.id())
    }

    /// The processes of its servers.
    fn servers(&self) -> Vec<i32> {
        let pid = |folder: PathBuf| {
            let text = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
            text.lines().next()?.parse().ok()
        };
        self.folders().into_iter().filter_map(pid).collect()
    }

    /// Whether a statement that holds this text runs on one of its servers.
    async fn runs(&self, text: &str) -> bool {
        let asked = format!(
            "select count(*) from pg_stat_activity \
             where query like '%{text}%' and pid <> pg_backend_pid()"
        );
        for folder in self.folders() {
            if folder.join("data/postmaster.pid").exists() && ready(&folder) {
                let url = format!("postgresql://postgres@/postgres?host={}", folder.display());
                let client = connect(&url).await;
                if query(&client, &asked).await != "0" {
                    return true;
                }
            }
        }
        false
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Its end, behind which nothing of its servers is there.
    fn end(self) -> Output {
        let (pid, servers) = (self.child.id(), self.servers());
        let memory: Vec<PathBuf> = servers
            .iter()
            .flat_map(|server| memory_of(*server))
            .collect();
        let output = Output::from(self.child.wait_with_output().unwrap());
        assert_eq!(folders_of(pid), Vec::<PathBuf>::new(), "{output}");
        assert_eq!(processes_of(pid), Vec::<String>::new(), "{output}");
        for server in servers {
            assert!(!exists(server), "server {server} runs on\n{output}");
        }
        for one in memory {
            assert!(!one.exists(), "{} is left\n{output}", one.display());
        }
        output
    }
}

/// The folders of the servers of a process.
fn folders_of(pid: u32) -> Vec<PathBuf> {
    let prefix = format!("gm-scratch-{pid}-");
    let temp = std::env::temp_dir();
    let mut bases = vec![Path::new("/dev/shm"), Path::new("/tmp"), temp.as_path()];
    bases.sort();
    bases.dedup();
    let mut folders = Vec::new();
    for entry in bases.iter().flat_map(fs::read_dir).flatten() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    folders
}

/// The named memory that a server shares with its sessions, where the system tells.
fn memory_of(server: i32) -> Vec<PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{server}/maps")).unwrap_or_default();
    let names = maps
        .lines()
        .filter_map(|line| line.find("/dev/shm/PostgreSQL.").map(|at| &line[at..]));
    names.map(PathBuf::from).collect()
}

/// The processes that run in folders of servers of a process, where the system tells.
fn processes_of(pid: u32) -> Vec<String> {
    let prefix = format!("gm-scratch-{pid}-");
    let command = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("cmdline")).ok();
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(command)
        .filter(|command| command.contains(&prefix))
        .collect()
}

fn ready(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    text.lines()
        .nth(7)
        .is_some_and(|line| line.trim() == "ready")
}

fn exists(pid: i32) -> bool {
    rustix::process::test_kill_process(rustix::process::Pid::from_raw(pid).unwrap()).is_ok()
}

/// A revision that takes for ever, and a declared schema that does.
fn endless(t: &Transcript) {
    t.revision("a1", "", "select pg_sleep(601);", "select 1;");
    t.project.write("schema/a.sql", "select pg_sleep(602);");
    t.project.write("all.sql", "select pg_sleep(603);");
}

/// While scripts run on it: it ends, its folder goes, and so does the socket in it.
#[tokio::test]
async fn nothing_is_left_after_an_interrupt() {
    let t = Transcript::of_files();
    endless(&t);
    for (words, runs, signal, code) in [
        ("diff head empty", "pg_sleep(601)", "-INT", 130),
        ("diff empty schema", "pg_sleep(602)", "-INT", 130),
        ("schema dump file:all.sql", "pg_sleep(603)", "-INT", 130),
        ("check --offline --skip down", "pg_sleep(60", "-INT", 130),
        ("test", "pg_sleep(601)", "-INT", 130),
        ("diff head empty", "pg_sleep(601)", "-TERM", 143),
        ("test", "pg_sleep(601)", "-TERM", 143),
    ] {
        let run = Run::start(&t, words);
        let start = Instant::now();
        while !run.runs(runs).await {
            assert!(start.elapsed() < LIMIT, "{words}: {runs} never ran");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(run.servers().len(), 1, "{words}");
        assert!(Path::new("/proc").read_dir().is_err() || !processes_of(run.child.id()).is_empty());
        assert!(
            run.servers().into_iter().all(|server| {
                !memory_of(server).is_empty() || !Path::new("/proc/self/maps").exists()
            }),
            "{words}"
        );
        run.signal(signal);
        let output = run.end();
        assert_eq!(output.code, Some(code), "{words}: {output}");
        assert!(output.stderr.contains("error[interrupted]"), "{output}");
    }
}

/// While it is made: the folder is there, and maybe more. It is made to its end, and removed.
#[test]
fn nothing_is_left_after_an_interrupt_at_the_start() {
    let t = Transcript::of_files();
    endless(&t);
    type Reached = fn(&Path) -> bool;
    let points: [Reached; 3] = [
        |_| true,
        |folder| folder.join("data/PG_VERSION").exists(),
        |folder| folder.join("data/postmaster.pid").exists(),
    ];
    for words in ["diff head empty", "check --offline --skip down", "test"] {
        for reached in points {
            let run = Run::start(&t, words);
            let start = Instant::now();
            while !run.folders().iter().any(|folder| reached(folder)) {
                assert!(start.elapsed() < LIMIT, "{words}: no scratch server");
                thread::sleep(Duration::from_millis(1));
            }
            run.signal("-INT");
            let output = run.end();
            assert_eq!(output.code, Some(130), "{words}: {output}");
        }
    }
}
