//! The tour of `docs/api.md` works as it stands there, on the embedded server of a fresh project.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::support::{Output, Project};

const PAGE: &str = include_str!("../../../docs/api.md");

/// The page's commands, those that are shown as to be typed by hand left out.
fn commands() -> String {
    let blocks = PAGE.split("```sh\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}

fn copy(project: &Project, folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        project.write(format!("{folder}/{name}"), fs::read(&path).unwrap());
    }
}

#[test]
fn the_tour_works_on_a_fresh_clone() {
    let project = Project::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = fs::read(root.join("grace-migrate.toml")).unwrap();
    project.write("grace-migrate.toml", settings);
    copy(&project, "versions");
    copy(&project, "tests/rls");

    // A port that is free now; the page says 8000.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let commands = commands();
    assert!(commands.contains("8000"), "{commands}");
    let script = format!(
        "set -euo pipefail\n{}",
        commands.replace("8000", &port.to_string())
    );

    let like = project.command([""; 0]);
    let mut bash = Command::new("bash");
    bash.current_dir(project.path()).env_clear();
    for (name, value) in like.get_envs() {
        if let Some(value) = value {
            bash.env(name, value);
        }
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_grace-api")).parent().unwrap();
    let path = like
        .get_envs()
        .find_map(|(name, value)| (name == "PATH").then_some(value).flatten());
    let path = path.map_or_else(String::new, |path| path.to_str().unwrap().to_owned());
    bash.env("PATH", format!("{}:{path}", programs.display()));
    // Whatever fails, the server does not outlive the script.
    bash.args([
        "-c",
        &format!("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"),
    ]);
    let output = Output::of(&mut bash).success();
    assert!(
        output.stdout.contains("urn:grace:problem:changed"),
        "{output}"
    );
}
