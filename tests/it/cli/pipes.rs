//! Named pipes where SQL is expected: refused within folders, waited for where they are named, until a
//! signal comes.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::transcript::Transcript;
use crate::run::case::end;
use crate::support::Output;

/// A project with a named pipe.
fn with_pipe(path: &str) -> Transcript {
    let t = Transcript::of_files();
    let pipe = t.project.path().join(path);
    std::fs::create_dir_all(pipe.parent().unwrap()).unwrap();
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    t
}

/// Runs a command until it reads the pipe `pipe`, then does something.
fn while_it_reads(t: &Transcript, words: &str, then: impl FnOnce(File, u32)) -> Output {
    let child = t
        .project
        .command(words.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // This waits for who reads.
    let pipe = t.project.path().join("pipe");
    let writer = OpenOptions::new().write(true).open(pipe).unwrap();
    then(writer, child.id());
    end(child)
}

#[test]
fn a_signal_ends_the_reading_of_a_pipe() {
    let t = with_pipe("pipe");
    for (words, signal, code) in [
        ("diff file:pipe empty", "-TERM", 143),
        ("schema dump file:pipe", "-INT", 130),
        ("test --data pipe", "-TERM", 143),
    ] {
        let mut held = None;
        let output = while_it_reads(&t, words, |writer, pid| {
            held = Some(writer);
            let sent = Command::new("kill")
                .args([signal, &pid.to_string()])
                .status();
            assert!(sent.unwrap().success());
        });
        assert_eq!(output.code, Some(code), "{words}: {output}");
        assert!(
            output.stderr.contains("error[interrupted]"),
            "{words}: {output}"
        );
    }
}

#[test]
fn what_is_written_to_a_pipe_is_read() {
    let t = with_pipe("pipe");
    let output = while_it_reads(&t, "schema dump file:pipe", |mut writer, _| {
        writer.write_all(b"create table public.a (n int);").unwrap();
    });
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.contains("CREATE TABLE public.a"), "{output}");
}

#[test]
fn a_pipe_among_the_declared_files_is_refused() {
    let t = with_pipe("schema/p.sql");
    t.project
        .write("schema/a.sql", "create table public.a (n int);");
    for (words, code) in [
        ("schema dump schema", 2),
        ("check --offline --only schema", 1),
        ("migrate -m more", 2),
    ] {
        let output = t.project.grace(words.split(' '));
        assert_eq!(output.code, Some(code), "{words}: {output}");
        let said = format!("{}{}", output.stdout, output.stderr);
        for part in ["not-a-file", "found a named pipe", "schema/p.sql"] {
            assert!(said.contains(part), "{words}: {output}");
        }
    }
}
