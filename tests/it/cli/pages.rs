//! What teaches: the help of every command, its manual page, the completions.

use std::fmt::Write as _;

use super::transcript::Transcript;
use crate::support::Project;

/// Every command, the hidden one too, each as it is typed.
const COMMANDS: [&str; 46] = [
    "",
    "init",
    "revision",
    "merge",
    "migrate",
    "edit",
    "upgrade",
    "downgrade",
    "stamp",
    "setup",
    "status",
    "current",
    "heads",
    "branches",
    "history",
    "show",
    "log",
    "verify",
    "repair",
    "locks",
    "rls",
    "rls status",
    "rls lint",
    "rls close",
    "rls open",
    "rls matrix",
    "rls test",
    "rls explain",
    "schema",
    "schema dump",
    "schema erd",
    "diff",
    "config",
    "db",
    "db start",
    "db stop",
    "db status",
    "db url",
    "db shell",
    "db reset",
    "templates",
    "ensure-version",
    "completions",
    "man",
    "check",
    "test",
];

#[test]
fn help() {
    let project = Project::new();
    for command in COMMANDS {
        let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let output = project.grace(&words).success();
        assert!(output.stderr.is_empty(), "{output}");
        for line in output.stdout.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let name = format!("help {command}").trim().replace(' ', "_");
        settings.bind(|| insta::assert_snapshot!(name, output.stdout));
    }
}

#[test]
fn every_command_of_the_list_has_its_help_here() {
    let listed = Project::new().grace(["--help"]).success().stdout;
    let commands = listed
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next());
    for command in commands {
        assert!(
            command == "help" || COMMANDS.contains(&command),
            "{command}"
        );
    }
}

#[test]
fn alone_it_shows_its_help() {
    let mut t = Transcript::empty();
    let alone = t.run([]);
    assert_eq!(alone.code, Some(2));
    assert_eq!(alone.stdout, "");
    assert_eq!(alone.stderr, t.ok(["-h"]).stdout);
    assert_eq!(
        t.ok(["help", "upgrade"]).stdout,
        t.ok(["upgrade", "--help"]).stdout
    );
    let version = format!("grace-migrate {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(t.ok(["--version"]).stdout, version);
}

#[test]
fn manual_pages() {
    let project = Project::new();
    for command in COMMANDS {
        let words: Vec<&str> = ["man"]
            .into_iter()
            .chain(command.split_whitespace())
            .collect();
        let page = project.grace(&words).success().stdout;
        let name = format!("grace-migrate {command}").trim().replace(' ', "-");
        assert!(page.contains(&format!(".TH {name} 1 ")), "{page}");
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            assert!(page.contains(section), "{command}: {section}");
        }
        // A line that begins with a dot or a quote is a request: only ours may.
        for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
            let request = line[1..].split(' ').next().unwrap();
            let known = [
                "SH", "TH", "TP", "PP", "RS", "RE", "IP", "br", "nf", "fi", "ie", "el", "\\\"",
            ];
            assert!(known.contains(&request), "{command}: {line}");
        }
    }
    let mut settings = project.settings();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let page = project.grace(["man", "upgrade"]).success().stdout;
    let page = page.replace(env!("CARGO_PKG_VERSION"), "[version]");
    settings.bind(|| insta::assert_snapshot!("man_upgrade", page));
}

#[test]
fn completions() {
    let project = Project::new();
    let mut sizes = String::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = project.grace(["completions", shell]).success().stdout;
        for word in ["downgrade", "ensure-version", "rev-id"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        writeln!(sizes, "{shell}: {}", script.is_empty()).unwrap();
    }
    assert!(!sizes.contains("true"));
}
