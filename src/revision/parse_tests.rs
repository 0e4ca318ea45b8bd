use proptest::prelude::*;

use super::*;

fn clean(text: &str) -> Header {
    let parsed = parse_header(text);
    assert_eq!(parsed.defects, [], "{text}");
    parsed.header.unwrap()
}

/// Each defect as `what it covers: what it is`.
fn defects(text: &str) -> Vec<String> {
    shown(text, &parse_header(text).defects)
}

fn shown(text: &str, defects: &[HeaderDefect]) -> Vec<String> {
    defects
        .iter()
        .map(|d| format!("{}: {}", d.span.text(text), d.kind))
        .collect()
}

#[test]
fn a_whole_header() {
    let text = "\
-- revision: 8f3c2a1b9d04
-- revises: 5d1f0c7e3a92, 77bd0c11e0aa
-- depends-on: aa, my-label
-- label: billing, tax
-- created: 2026-11-22T16:30:00+01:00
-- message: create: the GRACE schema
-- transaction: off
-- lock-timeout: 10s
-- statement-timeout: 1min
-- irreversible: dropped data cannot come back

create table t ();
";
    let parsed = parse_header(text);
    assert_eq!(parsed.defects, []);
    let header = parsed.header.unwrap();
    assert_eq!(header.revision.as_str(), "8f3c2a1b9d04");
    assert_eq!(header.revises[1].as_str(), "77bd0c11e0aa");
    assert_eq!(header.depends_on, ["aa", "my-label"]);
    assert_eq!(header.labels[1].as_str(), "tax");
    assert_eq!(
        header.created.unwrap().to_rfc3339(),
        "2026-11-22T15:30:00+00:00"
    );
    assert_eq!(header.message.as_deref(), Some("create: the GRACE schema"));
    assert_eq!(header.settings.transaction, TransactionMode::Off);
    assert_eq!(header.settings.lock_timeout.unwrap().millis(), 10_000);
    assert_eq!(
        header.settings.entries(),
        [
            ("transaction", "off".to_owned()),
            ("lock-timeout", "10s".to_owned()),
            ("statement-timeout", "1min".to_owned()),
        ]
    );
    assert_eq!(
        header.irreversible.as_deref(),
        Some("dropped data cannot come back")
    );
    let spans = parsed.spans;
    assert_eq!(spans.revises[1].text(text), "77bd0c11e0aa");
    assert_eq!(spans.depends_on[1].text(text), "my-label");
    assert_eq!(spans.labels[0].text(text), "billing");
    assert_eq!(spans.values[&Key::Revision].text(text), "8f3c2a1b9d04");
}

#[test]
fn prose_and_licences_are_left_alone() {
    let header = clean(
        "\
/* Copyright: somebody. /* nested */
   revise: nothing
*/ -- SPDX-License-Identifier: MIT
--
-- why: a paragraph of its own may say what it likes

--revision:a1
--  revises :  base\r
-- Note: capitals are prose.
-- See https://example.com/x: and more
-- https://example.com
-- two words: prose

-- Create the table.
create table t ();
-- revises: zz
",
    );
    assert_eq!(header.revision.as_str(), "a1");
    assert_eq!(header.revises, []);
}

#[test]
fn a_misspelt_key_is_seen() {
    assert_eq!(
        defects("-- revision: a1\n-- revise: b1\n-- reason: because\nselect 1;"),
        [
            "revise: the header has no key `revise`",
            "reason: the header has no key `reason`",
        ]
    );
    let parsed = parse_header("-- Revises: b1\n\n-- revision: a1\n");
    assert_eq!(
        parsed.defects[0].kind,
        HeaderDefectKind::UnknownKey {
            key: "Revises".into(),
            nearest: Some(Key::Revises)
        }
    );
    assert_eq!(
        defects("-- depends_on: x\n-- revison: a1\n"),
        [
            "depends_on: the header has no key `depends_on`",
            "revison: the header has no key `revison`",
        ]
    );
}

#[test]
fn broken_values_are_all_reported() {
    let text = "\
-- revision: head
-- revises: base, a1
-- depends-on: x,,y@head, x
-- label:
-- created: yesterday
-- message: m
-- message: n
-- transaction: maybe
-- lock-timeout: 10
-- statement-timeout: 5 parsecs
";
    assert_eq!(
        defects(text),
        [
            "head: `head` cannot stand in `revision`: `head` is a word of the target grammar",
            "base, a1: `base` cannot stand beside parents",
            "x,,y@head, x: `depends-on` has an empty value",
            "y@head: `y@head` cannot stand in `depends-on`: `@` belongs to the target grammar \
             (`label@head`, `rev+1`, `a:b`)",
            "x: `x` stands twice in `depends-on`",
            "label: `label` has an empty value",
            "yesterday: `yesterday` is not an instant",
            "message: `message` stands twice in the header",
            "maybe: `maybe` is neither `on` nor `off`",
            "10: `10` cannot stand in `lock-timeout`: it has no unit",
            "5 parsecs: `5 parsecs` cannot stand in `statement-timeout`: `parsecs` is not one of \
             `ms`, `s`, `min`, `h`, `d`",
        ]
    );
    assert_eq!(parse_header(text).header, None);
    assert_eq!(defects("select 1;"), [": the header has no `revision`"]);
    assert!(
        parse_header("-- revision: a\n-- created: x\n")
            .header
            .is_some(),
        "one broken key does not hide the revision from the graph"
    );
}

#[test]
fn down_and_verify_scripts_carry_less() {
    let text = "-- Take it back: all of it.\n-- transaction: off\ndrop index concurrently i;";
    assert_eq!(
        parse_settings(text, ScriptKind::Down).unwrap().transaction,
        TransactionMode::Off
    );
    let text = "-- revision: a1\n-- transction: off\n";
    assert_eq!(
        shown(text, &parse_settings(text, ScriptKind::Down).unwrap_err()),
        [
            "revision: `revision` belongs in the header of the up script",
            "transction: the header has no key `transction`",
        ]
    );
    let text = "-- transaction: off\n";
    assert_eq!(
        shown(text, &parse_settings(text, ScriptKind::Verify).unwrap_err()),
        ["transaction: `transaction` belongs in the header of the up script"]
    );
}

#[test]
fn odd_texts() {
    for text in [
        "",
        "--",
        "-- :",
        "/* open",
        "/*/",
        "select 1",
        "\u{a0}-- revision: é",
    ] {
        let _ = parse_header(text);
    }
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_.]{1,32}".prop_filter("a reserved word", |text| RevisionId::parse(text).is_ok())
}

fn line() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[!-~é][ -~é]{0,30}[!-~é]")
}

fn header() -> impl Strategy<Value = Header> {
    (
        name(),
        proptest::collection::btree_set(name(), 0..3),
        proptest::collection::btree_set(name(), 0..3),
        proptest::collection::btree_set(name(), 0..3),
        proptest::option::of(0_i64..4_000_000_000),
        (line(), line()),
        (
            any::<bool>(),
            proptest::option::of(0_u16..),
            proptest::option::of(0_u16..),
        ),
    )
        .prop_map(
            |(id, revises, depends_on, labels, created, texts, settings)| Header {
                revision: RevisionId::parse(&id).unwrap(),
                revises: revises
                    .iter()
                    .map(|t| RevisionId::parse(t).unwrap())
                    .collect(),
                depends_on: depends_on.into_iter().collect(),
                labels: labels.iter().map(|t| Label::parse(t).unwrap()).collect(),
                created: created.map(|s| DateTime::from_timestamp(s, 0).unwrap()),
                message: texts.0,
                settings: ScriptSettings {
                    transaction: if settings.0 {
                        TransactionMode::Off
                    } else {
                        TransactionMode::On
                    },
                    lock_timeout: settings.1.map(Timeout::from_secs),
                    statement_timeout: settings.2.map(Timeout::from_secs),
                },
                irreversible: texts.1,
            },
        )
}

proptest! {
    #[test]
    fn written_parses_back(header in header()) {
        prop_assert_eq!(clean(&format!("{header}\nselect 1;\n")), header);
    }

    #[test]
    fn no_text_is_too_odd(text in "(-- |/\\*|\\*/|[a-z:, \\n]){0,40}") {
        for defect in parse_header(&text).defects {
            let _ = defect.span.text(&text);
        }
    }
}
