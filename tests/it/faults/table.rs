//! `docs/faults.md` against the tests: the page says what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rows of the fault table that SAFETY promises, each of which has a test.
const IDS: [u32; 40] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
    28, 29, 30, 31, 32, 33, 35, 36, 37, 38, 39, 41, 42, 44,
];

const HEAD: &str = "# What is injected, and what holds

Each row is a test against a real server: children are really killed, links really cut, servers
really stopped. The page is written from the tests and checked against them by
`cargo test --all-features --test it -- faults::table`; `INSTA_UPDATE=always` before it writes the
page anew.

| id | injected | what holds | test |
|---|---|---|---|
";

/// A test of the fault table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: u32,
    injected: String,
    holds: String,
    test: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults")
}

/// The tests of one file, in its order.
fn rows(area: &str, text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut doc, mut is_test) = (String::new(), false);
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("///") {
            doc.push_str(words);
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = line
            .trim_start_matches("async ")
            .strip_prefix("fn ")
            .and_then(|rest| rest.split('(').next())
        {
            if is_test {
                rows.push(row(area, name, doc.trim()));
            }
            (doc, is_test) = (String::new(), false);
        } else if line.is_empty() {
            doc.clear();
        }
    }
    rows
}

/// `F05: the link is cut …: not applied …` over `fn f05_…`.
fn row(area: &str, name: &str, doc: &str) -> Row {
    let test = format!("{area}::{name}");
    let id = |text: &str| text.get(1..3).and_then(|digits| digits.parse::<u32>().ok());
    let of_name = name.starts_with('f').then(|| id(name)).flatten();
    let of_doc = doc.starts_with('F').then(|| id(doc)).flatten();
    let (Some(id), Some(words)) = (of_doc, doc.get(5..)) else {
        panic!("`{test}` has no doc comment `/// Fnn: what is injected: what holds.`");
    };
    assert_eq!(
        of_name,
        Some(id),
        "the name of `{test}` begins with another id"
    );
    assert!(
        IDS.contains(&id),
        "`{test}` is of no row of the fault table"
    );
    let Some((injected, holds)) = words.split_once(": ") else {
        panic!("`{test}` does not say what holds, behind a colon: {doc}");
    };
    Row {
        id,
        injected: injected.to_owned(),
        holds: holds.trim_end_matches('.').to_owned(),
        test,
    }
}

/// The page, from the tests.
fn page(rows: &[Row]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut page = HEAD.to_owned();
    for row in rows {
        page.push_str(&format!(
            "| F{:02} | {} | {} | `{}` |\n",
            row.id,
            cell(&row.injected),
            cell(&row.holds),
            row.test
        ));
    }
    page
}

fn all() -> Vec<Row> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("table.rs"))
        .collect();
    files.sort();
    let mut rows: Vec<Row> = files
        .iter()
        .flat_map(|path| {
            let area = path.file_stem().unwrap().to_str().unwrap();
            self::rows(area, &fs::read_to_string(path).unwrap())
        })
        .collect();
    // Tests of one row stay in the order in which they were written.
    rows.sort_by_key(|row| row.id);
    rows
}

#[test]
fn every_row_has_a_test() {
    let tested: BTreeSet<u32> = all().into_iter().map(|row| row.id).collect();
    let missing: Vec<u32> = IDS.into_iter().filter(|id| !tested.contains(id)).collect();
    assert!(missing.is_empty(), "no test of {missing:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the tests' own setting, insta's")]
fn the_page_says_what_the_tests_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let page = page(&all());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path, &page).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/faults.md is not what the tests say; `INSTA_UPDATE=always` writes it anew"
    );
}

#[test]
fn each_test_is_read_with_its_words() {
    let text = "/// Helps.\nfn helper() {}\n\n\
                /// F05: the link is cut, in\n/// two: all holds: really.\n#[tokio::test]\n\
                #[cfg(unix)]\nasync fn f05_the_link() {\n    inner();\n}\n\n\
                /// F31: much | more: it fits.\n#[test]\nfn f31_much() {}\n";
    let rows = rows("area", text);
    let names: BTreeMap<u32, &str> = rows.iter().map(|row| (row.id, row.test.as_str())).collect();
    assert_eq!(
        names,
        BTreeMap::from([(5, "area::f05_the_link"), (31, "area::f31_much")])
    );
    assert_eq!(
        page(&rows).strip_prefix(HEAD),
        Some(
            "| F05 | the link is cut, in two | all holds: really | `area::f05_the_link` |\n\
             | F31 | much \\| more | it fits | `area::f31_much` |\n"
        )
    );
}

#[test]
#[should_panic(expected = "begins with another id")]
fn a_test_under_another_id_is_noticed() {
    rows("area", "/// F06: a: b.\n#[test]\nfn f05_x() {}\n");
}

#[test]
#[should_panic(expected = "has no doc comment")]
fn a_test_without_its_words_is_noticed() {
    rows("area", "#[test]\nfn f05_x() {}\n");
}
