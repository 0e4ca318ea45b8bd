use chrono::TimeZone as _;

use super::*;
use crate::source::{FileNamePattern, Folders};

struct Project {
    root: tempfile::TempDir,
    naming: Naming,
    recursive: bool,
    folders: Vec<&'static str>,
}

impl Project {
    fn new(folders: &[&'static str], files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for (path, text) in files {
            fs::write(root.path().join(path), text).unwrap();
        }
        Self {
            root,
            naming: Naming {
                slug_length: 40,
                ..Naming::default()
            },
            recursive: false,
            folders: folders.to_vec(),
        }
    }

    fn versions(&self) -> Versions {
        let root = self.root.path();
        Versions::load(&Folders {
            root: root.to_owned(),
            versions: self
                .folders
                .iter()
                .map(|folder| root.join(folder))
                .collect(),
            recursive: self.recursive,
            names_hold_ids: true,
        })
        .unwrap()
    }

    fn draft(&self, new: &NewRevision) -> Result<Draft, SourceError> {
        let templates = Templates {
            root: self.root.path().to_owned(),
            folder: self.root.path().join("templates"),
        };
        new.draft(&self.versions(), &templates, &self.naming, now())
    }
}

fn now() -> DateTime<Utc> {
    Utc.timestamp_millis_opt(1_795_361_405_678).unwrap()
}

fn id(text: &str) -> RevisionId {
    RevisionId::parse(text).unwrap()
}

fn request(name: &str) -> NewRevision {
    NewRevision {
        id: Some(id(name)),
        message: Some("  Add\n orders ".to_owned()),
        template: "plain".to_owned(),
        ..NewRevision::default()
    }
}

fn paths(draft: &Draft) -> Vec<String> {
    let paths = draft
        .files
        .iter()
        .map(|file| file.path.display().to_string());
    paths.collect()
}

#[test]
fn a_revision_is_drafted_and_written() {
    let project = Project::new(
        &["versions"],
        &[(
            "versions/a1.up.sql",
            "-- revision: a1\n-- label: base-line\n",
        )],
    );
    let new = NewRevision {
        revises: vec![id("a1")],
        depends_on: vec!["base-line".to_owned()],
        labels: vec![Label::parse("orders").unwrap()],
        ..request("b2")
    };
    let draft = project.draft(&new).unwrap();
    assert_eq!(
        paths(&draft),
        [
            "versions/20261122_1530_b2_add_orders.up.sql",
            "versions/20261122_1530_b2_add_orders.down.sql",
        ]
    );
    assert_eq!(
        draft.files[0].text,
        "-- revision: b2\n-- revises: a1\n-- depends-on: base-line\n-- label: orders\n\
         -- created: 2026-11-22T15:30:05Z\n-- message: Add orders\n"
    );
    draft.write().unwrap();
    let versions = project.versions();
    assert_eq!(versions.warnings, []);
    let b2 = versions.find("b2").unwrap();
    assert_eq!(b2.header, draft.header);
    assert_eq!(&*b2.down().unwrap().unwrap().text, draft.files[1].text);
    assert_eq!(draft.write().unwrap_err().code(), "file-exists");
}

#[test]
fn ids_are_made_up() {
    let project = Project::new(&["versions"], &[]);
    let new = NewRevision {
        id: None,
        ..request("x")
    };
    let draft = project.draft(&new).unwrap();
    assert_eq!(draft.header.revision.as_str().len(), 12);
    assert!(paths(&draft)[0].contains(draft.header.revision.as_str()));
}

#[test]
fn what_is_refused() {
    let project = Project::new(
        &["versions"],
        &[("versions/a1.up.sql", "-- revision: a1\n-- label: billing\n")],
    );
    let refused = |new: NewRevision| {
        let error = project.draft(&new).unwrap_err();
        format!("{}: {error}", error.code())
    };
    assert_eq!(refused(request("a1")), "name-taken: a1 is taken");
    assert_eq!(refused(request("billing")), "name-taken: billing is taken");
    let label = |text| vec![Label::parse(text).unwrap()];
    assert_eq!(
        refused(NewRevision {
            labels: label("billing"),
            ..request("b2")
        }),
        "name-taken: billing is taken"
    );
    assert_eq!(
        refused(NewRevision {
            revises: vec![id("billing")],
            ..request("b2")
        }),
        "unknown-revision: no revision billing",
        "parents are ids"
    );
    match project
        .draft(&NewRevision {
            depends_on: vec!["biling".to_owned()],
            ..request("b2")
        })
        .unwrap_err()
    {
        SourceError::UnknownRevision { candidates, .. } => assert_eq!(candidates, ["billing"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        refused(NewRevision {
            template: "plane".to_owned(),
            ..request("b2")
        }),
        "unknown-template: no template plane"
    );
    let versions = project.root.path().join("versions");
    fs::write(versions.join("20261122_1530_b2_add_orders.down.sql~"), "").unwrap();
    assert!(project.draft(&request("b2")).is_ok());
    fs::create_dir(versions.join("20261122_1530_b2_add_orders.down.sql")).unwrap();
    let loaded = Versions::load(&Folders {
        root: versions.clone(),
        versions: vec![versions],
        recursive: false,
        names_hold_ids: true,
    });
    assert_eq!(loaded.unwrap_err().code(), "broken-revisions");
}

#[test]
fn which_folder() {
    let mut project = Project::new(
        &["main", "side"],
        &[
            ("main/a1.up.sql", "-- revision: a1\n"),
            ("side/b1.up.sql", "-- revision: b1\n"),
        ],
    );
    let first = |project: &Project, new: NewRevision| {
        project.draft(&new).map(|draft| paths(&draft)[0].clone())
    };
    let after = |parent| NewRevision {
        revises: vec![id(parent)],
        ..request("c1")
    };
    let into = |folder: &str| NewRevision {
        folder: Some(project.root.path().join(folder)),
        ..request("c1")
    };
    let name = "20261122_1530_c1_add_orders.up.sql";
    assert_eq!(
        first(&project, after("b1")).unwrap(),
        format!("side/{name}")
    );
    assert_eq!(
        first(&project, request("c1")).unwrap_err().code(),
        "which-folder"
    );
    assert_eq!(
        first(&project, into("side")).unwrap(),
        format!("side/{name}")
    );
    let sub = into("side/sub");
    fs::create_dir(project.root.path().join("side/sub")).unwrap();
    let foreign = first(&project, sub.clone()).unwrap_err();
    assert_eq!(foreign.code(), "foreign-folder");
    assert!(first(&project, into("side/../main")).is_ok());
    project.recursive = true;
    assert_eq!(first(&project, sub).unwrap(), format!("side/sub/{name}"));
    project.naming.pattern = FileNamePattern::parse("{year}/{month}/{id}").unwrap();
    let draft = project.draft(&after("a1")).unwrap();
    assert_eq!(paths(&draft)[0], "main/2026/11/c1.up.sql");
    draft.write().unwrap();
    assert!(project.versions().find("c1").is_some());
}

#[test]
fn a_label_is_neither_the_new_id_nor_there_twice() {
    let project = Project::new(&["versions"], &[]);
    let labelled = |labels: &[&str]| NewRevision {
        labels: labels.iter().map(|l| Label::parse(l).unwrap()).collect(),
        ..request("ab")
    };
    let code = |labels| project.draft(&labelled(labels)).unwrap_err().code();
    assert_eq!(code(&["l1", "ab"]), "label-is-revision");
    assert_eq!(code(&["l1", "l2", "l1"]), "label-twice");
    assert!(project.draft(&labelled(&["l1", "l2"])).is_ok());
}

#[test]
fn a_dependency_that_is_named_twice_is_written_once() {
    let project = Project::new(
        &["versions"],
        &[("versions/a1.up.sql", "-- revision: a1\n")],
    );
    let new = NewRevision {
        depends_on: vec!["a1".to_owned(), "a1".to_owned()],
        ..request("b2")
    };
    let draft = project.draft(&new).unwrap();
    assert_eq!(draft.header.depends_on, ["a1"]);
}
