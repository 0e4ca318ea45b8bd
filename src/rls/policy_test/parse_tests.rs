use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::{Expectation, Part, TestFile, parse};
use crate::rls::{Actor, Actors};

fn actors(names: &[&str]) -> Actors {
    let actor = |name: &&str| Actor {
        name: (*name).to_owned(),
        role: "authenticated".to_owned(),
        claims: None,
    };
    Actors {
        actors: names.iter().map(actor).collect(),
        ..Actors::default()
    }
}

fn read(text: &str) -> TestFile {
    match parse(Path::new("a.test.sql"), text, &actors(&["olga", "carl"])) {
        Ok(file) => file,
        Err(findings) => panic!("{findings:#?}"),
    }
}

fn shown(file: &TestFile) -> String {
    let mut out = String::new();
    if let Some((fixtures, _)) = &file.fixtures {
        writeln!(out, "fixtures {fixtures}").unwrap();
    }
    for part in &file.parts {
        let steps = match part {
            Part::SetUp(step) => {
                writeln!(out, "set-up").unwrap();
                std::slice::from_ref(step)
            }
            Part::Case(case) => {
                writeln!(out, "{} (line {})", case.name, case.line).unwrap();
                case.steps.as_slice()
            }
        };
        for step in steps {
            let expected = step.expectation.as_ref();
            let expected = expected.map_or_else(|| "-".to_owned(), ToString::to_string);
            let statement = step.statement.text(&file.text).replace('\n', " ");
            writeln!(out, "  {}: {statement} => {expected}", step.who).unwrap();
        }
    }
    out
}

fn wrong(text: &str) -> String {
    let Err(findings) = parse(Path::new("a"), text, &actors(&["olga", "migrator"])) else {
        panic!("nothing is wrong");
    };
    let told = findings.iter().map(|one| {
        let place = one.place.as_ref().unwrap();
        let (column, width) = (place.column as usize - 1, place.width as usize);
        let under: String = place.source.chars().skip(column).take(width).collect();
        let help = one.help.as_deref().unwrap_or_default();
        format!(
            "{place} {}: {}\n  {under}\n  {help}\n",
            one.code, one.message
        )
    });
    told.collect()
}

#[test]
fn a_file() {
    insta::assert_snapshot!(shown(&read(
        "-- Note: what people read. See other.test.sql, or: not.
-- fixtures: ../rows.sql
-- file:/there is not a key
/* -- test: not one */
insert into notes values (1);

-- as: olga
-- expect: 1 row
select * from notes; -- as: a remark
-- expect: affected 0
delete from notes;

-- test: carl writes nothing
-- as: carl
-- expect: error 42501 /policy for table \"notes\"/
insert into notes
    values (2) -- no test
    ;
-- reset
-- expect: rows (a, 1), (null, ''), ('it''s, (it)', 'null')
--         (b, 3.5e1),
--   ( Two words ,4)
-- which nobody may read
select body, id from notes;

-- test: in order
select $$
-- expect: nothing
$$;
--expect:rows in order (1)
-- as: carl
select 1
"
    )), @r#"
    fixtures ../rows.sql
    set-up
      migrator: insert into notes values (1) => -
    line 9 (line 9)
      olga: select * from notes => 1 row
    line 11 (line 11)
      olga: delete from notes => no rows
    carl writes nothing (line 13)
      carl: insert into notes     values (2) => error 42501 /policy for table "notes"/
      migrator: select body, id from notes => rows (a, 1), (null, ''), ('it''s, (it)', 'null'), (b, 3.5e1), (Two words, 4)
    in order (line 26)
      migrator: select $$ -- expect: nothing $$ => -
      carl: select 1 => rows in order (1)
    "#);
}

#[test]
fn an_expectation_is_read_back_from_its_words() {
    for words in [
        "ok",
        "no rows",
        "1 row",
        "12 rows",
        "some rows",
        "error 42501",
        "error P0001 /a/b (c)/",
        "rows (a)",
        "rows in order (null, 'NULL', ''), (' a', 'b ', 'c(')",
    ] {
        let file = read(&format!("-- as: olga\n-- expect: {words}\nselect 1;"));
        let step = file.steps().next().unwrap();
        assert_eq!(step.expectation.as_ref().unwrap().to_string(), words);
    }
}

#[test]
fn comments_that_would_be_passed_over() {
    insta::assert_snapshot!(wrong(
        "-- exepct: no rows
-- assert: no rows
-- Expect: no rows
-- expect no rows
-- test:
-- as: olgga
-- expect: no rows
select 1;
select 2
-- expect: no rows
select 3; -- expect: no rows
-- fixtures: late.sql
-- as: migrator
-- expect: 1 row
select 4;
"
    ));
}

#[test]
fn tests_that_would_test_nothing() {
    insta::assert_snapshot!(wrong(
        "-- as: olga
-- test: one
-- as: olga
select 1;
-- test: two
-- expect: no rows
-- expect: some rows
select 2;
-- test: two
-- as: olga
-- expect: 1 row
copy notes from stdin;
\\.
-- expect: ok
-- test: three
commit;
\\d
-- as: olga
"
    ));
}

#[test]
fn expectations_that_cannot_be_read() {
    let mut all = String::new();
    for words in [
        "nothing",
        "3",
        "-1 rows",
        "no",
        "no rows here",
        "affected",
        "affected two",
        "error",
        "error insufficient_privilege",
        "error 42501 privilege",
        "error 42501 //",
        "rows",
        "rows in (1)",
        "rows 1, 2",
        "rows (1, 2), (3)",
        "rows (1, , 2)",
        "rows (1",
        "rows ('1)",
        "rows ('1' 2)",
        "rows (1) (2)",
        "ok then",
    ] {
        all.push_str(&wrong(&format!(
            "-- as: olga\n-- expect: {words}\nselect 1;"
        )));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_is_not_closed_is_the_only_finding() {
    let told = wrong("-- exepct: no rows\nselect 'a;");
    assert!(told.starts_with("a:2:8 unterminated-literal"), "{told}");
}

#[test]
fn of_some_tests_the_set_up_before_them_stays() {
    let file = read(
        "create table a (); -- first
-- as: olga
-- expect: ok
select 1;
create table b ();
-- test: two
-- as: olga
-- expect: ok
select 2;
",
    );
    let names = |file: TestFile| shown(&file).lines().filter(|l| !l.starts_with(' ')).count();
    assert_eq!(names(file.clone().only(|case| case.name == "line 4")), 2);
    assert_eq!(names(file.clone().only(|case| case.name == "two")), 3);
    assert_eq!(names(file.only(|_| false)), 0);
}

proptest! {
    #[test]
    fn rows_are_read_back_from_their_words(
        rows in prop::collection::vec(
            prop::collection::vec(prop::option::of("[ -~é\u{a0}]{0,8}|null|Null|''"), 2),
            1..4,
        ),
        in_order: bool,
    ) {
        let wanted = Expectation::Rows { tuples: rows, in_order };
        let file = read(&format!("-- as: olga\n-- expect: {wanted}\nselect 1;"));
        prop_assert_eq!(file.steps().next().unwrap().expectation.as_ref(), Some(&wanted));
    }

    #[test]
    fn no_text_is_too_odd(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("-- test: "), Just("-- as: "), Just("-- expect: "), Just("-- reset"),
                Just("-- fixtures: "), Just("olga"), Just("rows (a, 'b'"), Just("), (é"),
                Just("error 42501 /x"), Just("/"), Just("3 rows"), Just("\n"), Just("\r\n"),
                Just(" "), Just("select 1;"), Just("select"), Just("é"), Just("'"), Just("--"),
                Just("copy a from stdin;\n\\.\n"), Just("/*"), Just("*/"), Just("\\d"),
            ],
            0..24,
        ),
    ) {
        let text = pieces.concat();
        match parse(Path::new("a"), &text, &actors(&["olga"])) {
            Ok(file) => {
                for case in file.cases() {
                    prop_assert!(case.steps.iter().any(|step| step.expectation.is_some()));
                }
            }
            Err(findings) => prop_assert!(!findings.is_empty()),
        }
    }
}
