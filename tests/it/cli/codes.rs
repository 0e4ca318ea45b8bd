//! The codes of errors and findings are public: every one of them, and the exit code that it comes
//! with. A code that goes away or ends otherwise breaks somebody's script.
//!
//! The codes are read where they stand, in the `code` functions of `src/`; the exit codes where
//! they are shown: in the snapshots of the words of every error, and in those of this folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_code() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/snapshots");
    let exits = exits([&source.join("render/describe"), &here]);
    let mut list = String::new();
    for code in codes(&source) {
        let exits: Vec<&str> = match exits.get(&code) {
            Some(exits) => exits.iter().map(String::as_str).collect(),
            None => vec!["finding"],
        };
        writeln!(list, "{code:32}{}", exits.join(" or ")).unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("codes", list));
}

/// Every kebab-case text in the body of a function `code`, and in a `const CODE`.
fn codes(source: &Path) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    // `grace-api` has words of its own, listed beside them.
    let api = source.join("api");
    let own = files(source, "rs").into_iter();
    for path in own.filter(|path| !path.starts_with(&api)) {
        let text = fs::read_to_string(path).unwrap();
        for (at, _) in text.match_indices("fn code(&self) -> &'static str {") {
            let body = &text[at..];
            let body = &body[..body.find("\n    }\n").unwrap()];
            codes.extend(quoted(body).map(str::to_owned));
        }
        for (at, _) in text.match_indices("const CODE: &str = ") {
            codes.extend(quoted(&text[at..]).next().map(str::to_owned));
        }
    }
    codes
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// The exit codes that are shown with each code: `exit 2` or `exit code: 2`, and on the line after
/// it, the title of stderr left out, `error[code]`.
fn exits(folders: [&Path; 2]) -> BTreeMap<String, BTreeSet<String>> {
    let mut exits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let shown = folders
        .iter()
        .flat_map(|folder| [files(folder, "snap"), files(folder, "rs")]);
    for path in shown.flatten() {
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| *line != "----- stderr -----")
            .collect();
        for pair in lines.windows(2) {
            let Some(exit) = pair[0].strip_prefix("exit ") else {
                continue;
            };
            let exit = exit.trim_start_matches("code: ");
            if let Some((code, _)) = pair[1]
                .strip_prefix("error[")
                .and_then(|rest| rest.split_once(']'))
            {
                exits
                    .entry(code.to_owned())
                    .or_default()
                    .insert(exit.to_owned());
            }
        }
    }
    exits
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
    found
}
