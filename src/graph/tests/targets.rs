//! The grammar alone.

use crate::graph::{Point, Target, TargetRange};

fn parsed(text: &str) -> (Option<String>, Point, i64) {
    let target = Target::parse(text).unwrap();
    assert_eq!(target.to_string(), text);
    (
        target.branch().map(str::to_owned),
        target.point().clone(),
        target.steps(),
    )
}

fn name(name: &str) -> Point {
    Point::Name(name.to_owned())
}

#[test]
fn places_and_steps() {
    for (text, branch, point, steps) in [
        ("head", None, Point::Head, 0),
        ("heads", None, Point::Heads, 0),
        ("base", None, Point::Base, 0),
        ("current", None, Point::Current, 0),
        ("8f3c", None, name("8f3c"), 0),
        ("1.0", None, name("1.0"), 0),
        ("1.0+1", None, name("1.0"), 1),
        ("+1", None, Point::Here, 1),
        ("-12", None, Point::Here, -12),
        ("+01", None, Point::Here, 1),
        ("head-2", None, Point::Head, -2),
        ("heads-1", None, Point::Heads, -1),
        ("base+3", None, Point::Base, 3),
        ("current-1", None, Point::Current, -1),
        ("current+1", None, Point::Current, 1),
        ("abc-2", None, name("abc"), -2),
        ("label@head", Some("label"), Point::Head, 0),
        ("label@heads", Some("label"), Point::Heads, 0),
        ("label@base", Some("label"), Point::Base, 0),
        ("label@+2", Some("label"), Point::Here, 2),
        ("label@-2", Some("label"), Point::Here, -2),
        ("label@head-1", Some("label"), Point::Head, -1),
        ("label@base+1", Some("label"), Point::Base, 1),
        ("label@abc+1", Some("label"), name("abc"), 1),
        ("label@current", Some("label"), Point::Current, 0),
        ("my-label", None, name("my-label"), 0),
        ("my-label@head", Some("my-label"), Point::Head, 0),
        ("my-2@-1", Some("my-2"), Point::Here, -1),
        ("my-label-1", None, name("my-label"), -1),
        ("my-label+1", None, name("my-label"), 1),
        ("my-2-", None, name("my-2-"), 0),
        ("my-0", None, name("my-0"), 0),
        (
            "release-20261122153000",
            None,
            name("release-20261122153000"),
            0,
        ),
        ("head-first", None, name("head-first"), 0),
        ("heads2", None, name("heads2"), 0),
    ] {
        let branch = branch.map(str::to_owned);
        assert_eq!(parsed(text), (branch, point, steps), "{text}");
    }
}

#[test]
fn what_is_no_target_says_why_and_where() {
    let shown = |text: &str| {
        let defect = Target::parse(text).unwrap_err();
        assert_eq!(defect.code(), "bad-target");
        format!("{}..{} {}", defect.span.start, defect.span.end, defect.kind)
    };
    for (text, expected) in [
        ("", "0..0 it is empty"),
        ("a b", "1..2 ` ` is not one of `A-Z a-z 0-9 _ . - + @`"),
        ("é", "0..2 `é` is not one of `A-Z a-z 0-9 _ . - + @`"),
        ("a\n", "1..2 `\\n` is not one of `A-Z a-z 0-9 _ . - + @`"),
        (
            "a:b",
            "1..2 `:` makes a range, and one place is wanted here",
        ),
        ("@head", "0..0 no branch stands before `@`"),
        (
            "head@head",
            "0..4 a branch is named by a label or a revision",
        ),
        ("a+1@head", "0..3 steps come after `@`, as in `label@+1`"),
        (
            "a@b@c",
            "3..4 `@` stands once, between a branch and a place on it",
        ),
        ("a@", "2..2 no place stands after `@`, such as `head`"),
        (
            "+",
            "0..1 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "-",
            "0..1 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "-x",
            "0..2 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "--1",
            "0..3 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "a+b",
            "1..3 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "a+",
            "1..2 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "a+1-1",
            "1..5 a number of steps ends it, as in `+1` or `head-2`",
        ),
        (
            "+1xyz",
            "0..5 a number of steps ends it, as in `+1` or `head-2`",
        ),
        ("+0", "0..2 no steps lead nowhere"),
        ("head-0", "4..6 no steps lead nowhere"),
        ("l@+0", "2..4 no steps lead nowhere"),
        ("+99999999999", "0..12 no graph has so many revisions"),
    ] {
        assert_eq!(shown(text), expected, "{text:?}");
    }
    let defect = Target::parse("a+b").unwrap_err();
    assert_eq!(
        defect.to_string(),
        "`a+b` is no target: a number of steps ends it, as in `+1` or `head-2`"
    );
}

#[test]
fn ranges() {
    for text in [
        "a:b",
        "a:",
        ":b",
        ":",
        "l@base:l@head",
        "-3:",
        "current:head-1",
        "a:+2",
    ] {
        let range = TargetRange::parse(text).unwrap();
        assert_eq!(range.to_string(), text);
        assert_eq!(TargetRange::parse(&range.to_string()).unwrap(), range);
    }
    for (text, start, end, kind) in [
        ("a", 0, 1, "a range has a `:`, as in `a:b`, `a:` or `:b`"),
        ("a:b:c", 3, 4, "a range has one `:`"),
        ("a:b@", 4, 4, "no place stands after `@`, such as `head`"),
        (
            "+:b",
            0,
            1,
            "a number of steps ends it, as in `+1` or `head-2`",
        ),
    ] {
        let defect = TargetRange::parse(text).unwrap_err();
        assert_eq!(
            (defect.span.start, defect.span.end, defect.kind.to_string()),
            (start, end, kind.to_owned())
        );
        assert_eq!(defect.text, text);
    }
}
