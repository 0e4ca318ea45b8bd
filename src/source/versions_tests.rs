use std::fs;
use std::path::Path;

use super::*;
use crate::diagnostic::Related;

/// A project's folder, with files written as `path: text`.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        fs::create_dir(project.root().join("versions")).unwrap();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join("versions").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn folders(&self) -> Folders {
        Folders {
            root: self.root().to_owned(),
            versions: vec![self.root().join("versions")],
            recursive: false,
            names_hold_ids: true,
        }
    }

    fn load(&self) -> Versions {
        let versions = Versions::load(&self.folders()).unwrap();
        assert_eq!(said(&versions.warnings), Vec::<String>::new());
        versions
    }

    fn defects(&self) -> Vec<String> {
        defects(Versions::load(&self.folders()).unwrap_err())
    }

    fn warnings(&self) -> Vec<String> {
        said(&Versions::load(&self.folders()).unwrap().warnings)
    }
}

fn defects(error: SourceError) -> Vec<String> {
    match error {
        SourceError::Defects(defects) => said(&defects),
        other => panic!("{other:?}"),
    }
}

/// Each finding as `place: message (help) [note place]`.
fn said(findings: &[Diagnostic]) -> Vec<String> {
    findings
        .iter()
        .map(|d| {
            let mut said = format!("{}: {}", d.place.as_ref().unwrap(), d.message);
            if let Some(help) = &d.help {
                said.push_str(&format!(" ({help})"));
            }
            for Related { note, place } in &d.related {
                said.push_str(&format!(" [{note} {place}]"));
            }
            said.strip_prefix("versions/").unwrap_or(&said).to_owned()
        })
        .collect()
}

#[test]
fn revisions_are_loaded_and_scripts_read_when_asked_for() {
    let project = Project::new(&[
        ("1_a1.up.sql", "\u{feff}-- revision: a1\ncreate table t ();"),
        ("1_a1.down.sql", "-- lock-timeout: 1s\ndrop table t;"),
        (
            "2_b2.up.sql",
            "-- revision: b2\r\n-- revises: a1\r\n-- message: more\r\nselect 1;",
        ),
        ("2_b2.verify.sql", "select 2;"),
        (".#2_b2.up.sql", "an editor's"),
        ("README.md", "prose"),
        (".gitkeep", ""),
    ]);
    let versions = project.load();
    assert_eq!(versions.revisions.len(), 2);
    let a1 = versions.find("a1").unwrap();
    assert_eq!(a1.path(), Path::new("versions/1_a1.up.sql"));
    assert_eq!(a1.file(), project.root().join("versions/1_a1.up.sql"));
    let down = a1.down().unwrap().unwrap();
    assert_eq!(down.settings.lock_timeout.unwrap().millis(), 1_000);
    assert_eq!(down.path, Path::new("versions/1_a1.down.sql"));
    assert!(a1.verify().unwrap().is_none());
    let b2 = versions.find("b2").unwrap();
    assert_eq!(b2.message(), "more");
    assert!(b2.down().unwrap().is_none());
    assert_eq!(&*b2.verify().unwrap().unwrap().text, "select 2;");
    let node = versions.graph.find_id("b2").unwrap();
    assert_eq!(versions.revision(node).id().as_str(), "b2");

    let all = versions.graph.all();
    versions.read_scripts(&all).unwrap();
    let before = versions.digest(node).unwrap();
    assert_ne!(
        before,
        versions
            .digest(versions.graph.find_id("a1").unwrap())
            .unwrap()
    );
    project.write("1_a1.down.sql", "drop table t cascade;");
    assert_ne!(
        before,
        project.load().digest(node).unwrap(),
        "it names what is beneath"
    );
}

#[test]
fn all_defects_of_all_files_together() {
    let project = Project::new(&[
        (
            "a1.up.sql",
            "-- revision: a1\n-- revises: zz\n-- label: b2\n",
        ),
        ("a1_copy.up.sql", "-- revision: a1\n-- lock-timeout: soon\n"),
        (
            "b2.up.sql",
            "-- revision: b2\n-- revises: a1, b2\n-- message: x\n-- message: y\n",
        ),
        ("c3.up.sql", "-- revison: c3\n"),
        ("c4.up.sql", "select 1;"),
        (
            "d4.up.sql",
            "-- revision: d4\n-- revises: c3\n-- depends-on: e6\n",
        ),
        ("e5.up.sql", "-- revision: e5\n-- revises: f6\n"),
        ("f6.up.sql", "-- revision: f6\n-- revises: e5\n"),
        ("f7.down.sql", "select 1;"),
        ("b2.donw.sql", "select 1;"),
    ]);
    project.write("g8.up.sql", b"-- revision: g8\nselect '\xff';");
    assert_eq!(
        project.defects(),
        [
            "a1.up.sql:1:14: revision id `a1` is used by 2 revisions (give each revision an id of its own, or delete the copy) [also versions/a1_copy.up.sql:1:14]",
            "a1.up.sql:2:13: `a1` revises `zz`, which no revision is",
            "a1.up.sql:3:11: label `b2` is also the id of a revision (ids and labels share one namespace, and each name stands for one revision) [also versions/b2.up.sql:1:14]",
            "a1_copy.up.sql:2:18: `soon` cannot stand in `lock-timeout`: it is not a number with a unit (write it as `10s`, `500ms`, `1min`, or `0` for no limit)",
            "b2.donw.sql: no kind of script has this ending (revision files end in `.up.sql`, `.down.sql` or `.verify.sql`)",
            "b2.up.sql:2:17: `b2` revises itself",
            "b2.up.sql:4:4: `message` stands twice in the header [first versions/b2.up.sql:3:13]",
            "c3.up.sql:1:4: the header has no key `revison` (did you mean `revision`?)",
            "c4.up.sql: the header has no `revision` (every up script begins with its header: `-- revision: <id>`)",
            "d4.up.sql:3:16: `d4` depends on `e6`, which is neither a revision nor a label (did you mean `e5` or `f6`?)",
            "e5.up.sql:2:13: revisions form a cycle: `e5` -> `f6` -> `e5` (take one of these edges away) [also versions/f6.up.sql:2:13]",
            "f7.down.sql: a down script without an up script (does it belong to `f6.up.sql`?)",
            "g8.up.sql:2:9: byte 0xFF at offset 24 is not UTF-8 (save the file as UTF-8)",
        ]
    );
}

#[test]
fn down_and_verify_scripts_are_checked_together_when_read() {
    let project = Project::new(&[
        ("a1.up.sql", "-- revision: a1\n"),
        ("a1.down.sql", "-- revision: a1\n"),
        ("a1.verify.sql", "-- transaction: off\n"),
    ]);
    let versions = project.load();
    let help = "(a down script may carry `transaction`, `lock-timeout`, `statement-timeout`, a verify script none)";
    assert_eq!(
        defects(versions.read_scripts(&versions.graph.all()).unwrap_err()),
        [
            format!("a1.down.sql:1:4: `revision` belongs in the header of the up script {help}"),
            format!(
                "a1.verify.sql:1:4: `transaction` belongs in the header of the up script {help}"
            ),
        ]
    );
    let node = versions.graph.find_id("a1").unwrap();
    assert_eq!(
        versions.digest(node).unwrap_err().code(),
        "broken-revisions"
    );
    let a1 = versions.revision(node);
    assert_eq!(a1.down().unwrap_err().code(), "broken-revisions");
    fs::remove_file(project.root().join("versions/a1.down.sql")).unwrap();
    assert!(defects(a1.down().unwrap_err())[0].starts_with("a1.down.sql: it cannot be read: "));
}

#[test]
fn what_is_odd_but_stops_nothing() {
    let project = Project::new(&[
        ("1_a1.up.sql", "-- revision: a1\n-- irreversible: gone\n"),
        ("1_a1.down.sql", "select 1;"),
        ("1_b12.up.sql", "-- revision: b1\n"),
        ("seed.sql", "select 1;"),
        ("OLD.UP.SQL", "select 1;"),
        ("sub/c1.up.sql", "-- revision: c1\n"),
        ("docs/c1.md", "prose"),
    ]);
    assert_eq!(
        project.warnings(),
        [
            "1_a1.down.sql: revision `a1` says `irreversible`, and has a down script (take one of them away)",
            "1_b12.up.sql: the file name does not hold the revision's id, `b1` (the header is the truth; rename the file or mend its header)",
            "OLD.UP.SQL: not a revision file: it is ignored (revision files end in `.up.sql`, `.down.sql` or `.verify.sql`)",
            "seed.sql: not a revision file: it is ignored (revision files end in `.up.sql`, `.down.sql` or `.verify.sql`)",
            "sub: the revision files in this subfolder are not read (set `recursive = true` in grace-migrate.toml to read subfolders)",
        ]
    );
}

#[test]
fn several_folders_and_subfolders() {
    let project = Project::new(&[
        ("2025/a1.up.sql", "-- revision: a1\n"),
        ("2025/.hidden/x.up.sql", "broken"),
        ("b1.up.sql", "-- revision: b1\n-- revises: a1"),
    ]);
    let mut folders = project.folders();
    folders.recursive = true;
    folders.versions.push(project.root().join("versions/2025"));
    let versions = Versions::load(&folders).unwrap();
    let ids: Vec<_> = versions.revisions.iter().map(|r| r.id().as_str()).collect();
    assert_eq!(
        ids,
        ["b1", "a1"],
        "a folder that is named twice is read once"
    );
    folders.versions.push(project.root().join("more"));
    assert_eq!(
        Versions::load(&folders).unwrap_err().to_string(),
        "more does not exist"
    );
    folders.versions[2] = project.root().join("versions/b1.up.sql");
    assert_eq!(Versions::load(&folders).unwrap_err().code(), "not-a-folder");
}

#[cfg(unix)]
#[test]
fn only_files_of_the_folder_are_read() {
    use std::os::unix::fs::symlink;

    let project = Project::new(&[("a1.up.sql", "-- revision: a1\n")]);
    let versions = project.root().join("versions");
    let outside = project.root().join("outside.sql");
    fs::write(&outside, "-- revision: o1\n").unwrap();
    symlink(&outside, versions.join("o1.up.sql")).unwrap();
    symlink("nowhere", versions.join("n1.up.sql")).unwrap();
    symlink(project.root(), versions.join("d1.up.sql")).unwrap();
    symlink("/dev/zero", versions.join("z1.up.sql")).unwrap();
    fs::create_dir(versions.join("f1.up.sql")).unwrap();
    let fifo = versions.join("p1.up.sql");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .unwrap();
    assert!(made.success());
    let outside = fs::canonicalize(outside).unwrap();
    assert_eq!(
        project.defects(),
        [
            "d1.up.sql: expected a file, found a link to a folder".to_owned(),
            "f1.up.sql: expected a file, found a folder".to_owned(),
            "n1.up.sql: expected a file, found a link that leads nowhere".to_owned(),
            format!(
                "o1.up.sql: expected a file, found a link that leads out of the folder, to {}",
                outside.display()
            ),
            "p1.up.sql: expected a file, found a named pipe".to_owned(),
            "z1.up.sql: expected a file, found a link to a device".to_owned(),
        ]
    );
    for name in ["d1", "n1", "o1", "z1", "p1"] {
        fs::remove_file(versions.join(format!("{name}.up.sql"))).unwrap();
    }
    fs::remove_dir(versions.join("f1.up.sql")).unwrap();
    fs::create_dir(versions.join("kept")).unwrap();
    fs::write(versions.join("kept/b1.sql"), "-- revision: b1\n").unwrap();
    symlink("kept/b1.sql", versions.join("b1.up.sql")).unwrap();
    assert_eq!(
        project.load().revisions.len(),
        2,
        "a link within the folder is fine"
    );
}

#[test]
fn a_folder_of_many() {
    let project = Project::new(&[]);
    for i in 0..200 {
        let revises = if i == 0 {
            "base".to_owned()
        } else {
            format!("r{}", i - 1)
        };
        project.write(
            &format!("r{i}.up.sql"),
            format!("-- revision: r{i}\n-- revises: {revises}\nselect {i};"),
        );
    }
    let versions = project.load();
    assert_eq!(versions.revisions.len(), 200);
    assert_eq!(
        versions.graph.heads(),
        [versions.graph.find_id("r199").unwrap()]
    );
    versions.digest(versions.graph.heads()[0]).unwrap();
}
