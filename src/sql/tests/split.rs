use super::super::*;

fn texts(text: &str) -> Vec<&str> {
    let statements = split(text).unwrap();
    statements.iter().map(|one| one.text(text)).collect()
}

#[test]
fn statements() {
    assert!(texts("").is_empty());
    assert!(texts(" -- a\n ; ; /* ; */").is_empty());
    assert_eq!(texts("a;b"), ["a", "b"]);
    assert_eq!(
        texts("-- x\nselect ';' ; /* ; */ insert 'a'\n'b' -- c\n;;\n"),
        ["select ';'", "insert 'a'\n'b'"]
    );
    assert_eq!(
        texts("do $$ begin a; b; end $$; c"),
        ["do $$ begin a; b; end $$", "c"]
    );
    assert_eq!(texts("\\restrict x\na;\n\\unrestrict x\n"), ["a"]);
    assert_eq!(texts("\\set x\na;\n"), ["a"]);
}

#[test]
fn lines_and_words() {
    let text = "-- x\n\n  create table if not exists t ();\r\n\n/*\n*/ é; select 1";
    let all = split(text).unwrap();
    let places: Vec<_> = all
        .iter()
        .map(|one| {
            let Position { line, column } = one.position(text);
            assert_eq!(line, one.line);
            (line, column)
        })
        .collect();
    assert_eq!(places, [(3, 3), (6, 4), (6, 7)]);
    assert_eq!(
        all[0].words(text, 8),
        ["CREATE", "TABLE", "IF", "NOT", "EXISTS", "T"]
    );
    assert_eq!(all[0].words(text, 2), ["CREATE", "TABLE"]);
    assert_eq!(all[2].words(text, 2), ["SELECT"]);
}

#[test]
fn copy_blocks() {
    let text = "copy t (a, b) from stdin with (format csv); -- x\r\n1,';\r\n\\.\r\nselect 1;\n";
    let all = split(text).unwrap();
    let data: Vec<_> = all.iter().map(|one| one.copy_data).collect();
    assert_eq!(all.len(), 2);
    assert_eq!(data[0].unwrap().text(text), "1,';\r\n");
    assert_eq!(data[1], None);
    assert_eq!(all[1].line, 4);

    let data = |text| {
        let all = split(text).unwrap();
        all[0].copy_data.map(|span| span.text(text))
    };
    assert_eq!(data("COPY t FROM STDIN;\n\\."), Some(""));
    assert_eq!(
        data("copy t from stdout;\n\\\n\\.a\n\\.\n"),
        Some("\\\n\\.a\n")
    );
    assert_eq!(data("copy binary t from stdin;\n\n\\.\n"), Some("\n"));
    assert_eq!(data("copy t from 'stdin';"), None);
    assert_eq!(data("copy \"from\" to stdin;"), None);
    assert_eq!(data("copy (select 1 from stdin) to stdout;"), None);
    assert_eq!(data("select a from stdin;"), None);
    // The last statement of a script needs no `;`, but without one no data can follow.
    assert_eq!(data("copy t from stdin"), None);
}

#[test]
fn defects() {
    let defect = |text: &str| {
        let defect = split(text).unwrap_err();
        (defect.code(), defect.span().text(text).to_owned())
    };
    let is = |code, span: &str| (code, span.to_owned());
    assert_eq!(defect("a; E'b"), is("unterminated-literal", "E'"));
    assert_eq!(defect("$a$ $$"), is("unterminated-literal", "$a$"));
    assert_eq!(defect("a.U&\"b"), is("unterminated-name", "U&\""));
    assert_eq!(defect("/*/* */"), is("unterminated-comment", "/*"));
    assert_eq!(defect("a (b (c); d;"), is("unclosed-parenthesis", "("));
    assert_eq!(
        defect("create function f() begin atomic select 1; select 2;"),
        is("unclosed-body", "atomic")
    );
    for text in [
        "copy t from stdin;",
        "copy t from stdin;\n",
        "copy t from stdin;\n1\n",
    ] {
        assert_eq!(
            defect(text),
            is("unterminated-copy-data", "copy t from stdin")
        );
    }
    assert_eq!(
        defect("copy t from stdin; select 1;\n\\.\n"),
        is("text-after-copy", "select 1;")
    );
}

#[test]
fn executable_text_keeps_its_offsets() {
    let plain = "select '\\restrict';";
    assert_eq!(executable(plain), plain);
    assert_eq!(
        executable("\u{feff}\\restrict Ab1\r\nselect 1;\n  \\unrestrict Ab1\n"),
        "                \r\nselect 1;\n                 \n"
    );
    assert!(matches!(
        executable("select 1"),
        std::borrow::Cow::Borrowed(_)
    ));
}

#[test]
fn places_of_characters() {
    assert_eq!(char_offset("aéb", 0), None);
    assert_eq!(char_offset("aéb", 1), Some(0));
    assert_eq!(char_offset("aéb", 3), Some(3));
    assert_eq!(char_offset("aéb", 4), Some(4));
    assert_eq!(char_offset("aéb", 5), None);
}
