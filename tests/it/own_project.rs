//! This repository is a project itself: its settings, revisions and templates are in order.

use std::path::Path;

use grace_migrate::config::{CliOverrides, DatabaseUrl, Environment, Settings};
use grace_migrate::source::Versions;

use crate::support::{Output, Project};

/// What its revisions build is its declared schema, too.
#[test]
fn its_own_check_finds_nothing() {
    let project = Project::new();
    let mut command = project.command(["check", "--offline"]);
    let output = Output::of(command.current_dir(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(output.code, Some(0), "{output}");
    let left_out = "history, pending, drift";
    for line in output.stdout.lines().skip(2) {
        let part = line.split_whitespace().next().unwrap_or_default();
        let passed = line.contains(" passed ");
        assert!(passed || left_out.contains(part), "{output}");
    }
}

#[test]
fn this_repository_is_a_project_without_defects() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = root.join("src");
    let settings =
        Settings::resolve(&CliOverrides::default(), &Environment::default(), &below).unwrap();
    assert_eq!(settings.root, root);
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.database().unwrap().value, DatabaseUrl::Embedded);

    let versions = Versions::load(&settings.folders()).unwrap();
    assert_eq!(versions.warnings, []);
    versions.read_scripts(&versions.graph.all()).unwrap();
    assert_eq!(versions.graph.heads().len(), 1);

    let templates = settings.templates();
    for name in templates.names().unwrap() {
        let template = templates.get(&name).unwrap();
        assert_eq!(template.name(), name);
    }
}
