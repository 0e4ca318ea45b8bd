use proptest::prelude::*;

use super::{Checksum, Digest, NotAHash};

fn checksum(text: &str) -> Checksum {
    Checksum::of_script(text, &[])
}

#[track_caller]
fn same(one: &str, other: &str) {
    assert_eq!(checksum(one), checksum(other), "{one:?} {other:?}");
}

#[track_caller]
fn different(one: &str, other: &str) {
    assert_ne!(checksum(one), checksum(other), "{one:?} {other:?}");
}

#[test]
fn it_never_changes() {
    // These stand in databases: a change here cries wolf over every applied revision.
    assert_eq!(
        checksum("").to_string(),
        "8a2c1888f9e14f34597a41462d6f4e9a39822f106465c9f85e987a3d03a4b94b"
    );
    let script = "-- a\nCREATE TABLE \"T\" (a int DEFAULT 1, b text DEFAULT E'x\\n'\n'y');\n\
                  do $$ begin null; end $$;\ncopy t from stdin;\n1\t2\n\\.\n";
    let script = format!("{script}'{}'", "x".repeat(300));
    assert_eq!(
        Checksum::of_script(&script, &[("transaction", "off")]).to_string(),
        "516e225506a4b5ec6ead92a5f36cec2bd0fe40749a8fe41a52d63dedfa44980b"
    );
    let digest = Digest::of(&[], &checksum(""), None, None);
    assert_eq!(
        digest.to_string(),
        "f11235cc420aee0e9cfc8f6d09823a557c5391530f533993fa4a5146833fa73e"
    );
}

#[test]
fn what_counts_for_nothing() {
    same("select 1;", "\u{feff}-- why\r\nSELECT\t1 /* one */ ;");
    same("a=-1", "a = - 1");
    same("'a'\n'b'", "'a' -- c\r\n  'b'");
    same("select f('a\nb')", "select f('a\r\nb')");
    same("$$a\nb$$ \"c\n\"", "$$a\r\nb$$ \"c\r\n\"");
    same(
        "copy t from stdin;\n1\n2\n\\.\n",
        "COPY t FROM stdin; -- t\r\n1\r\n2\r\n\\.\r\n\r\n",
    );
    same(
        "\\restrict abc\nselect 1;\n\\unrestrict abc\n",
        "\\restrict xyz\nselect 1;",
    );
}

#[test]
fn what_counts() {
    different("select 1", "select 2");
    different("select 1", "select 1;");
    different("ab", "a b");
    different("a b c", "ab c");
    different("'a' 'b'", "'a'\n'b'");
    different("'A'", "'a'");
    different("'a'", "E'a'");
    different("\"A\"", "\"a\"");
    different("É", "é");
    different("$$ -- a\n$$", "$$ -- b\n$$");
    different("$$a$$", "$b$a$b$");
    different("'a b'", "'a  b'");
    different("'a\rb'", "'a\nb'");
    different(
        "copy t from stdin;\n1\n\\.\n",
        "copy t from stdin;\n1 \n\\.\n",
    );
    different("\\set a 1\n", "\\set a 2\n");
    let with = |settings: &[(&str, &str)]| Checksum::of_script("a", settings);
    assert_ne!(with(&[]), with(&[("transaction", "off")]));
    assert_ne!(with(&[("a", "bc")]), with(&[("ab", "c")]));
    assert_eq!(
        with(&[("a", "1"), ("b", "2")]),
        with(&[("b", "2"), ("a", "1")])
    );
}

#[test]
fn long_values_are_hashed_whole() {
    for length in [100, 8190, 8191, 8192, 8193, 20_000] {
        let text = |last| format!("A 'x{}{last}' b", "y".repeat(length));
        different(&text('y'), &text('z'));
        same(&text('y').to_lowercase(), &text('y'));
        let word = |last| format!("select X{}{last} b", "y".repeat(length));
        different(&word('y'), &word('z'));
        same(&word('y').to_lowercase(), &word('y'));
    }
}

#[test]
fn digests_name_a_history() {
    let (a, b) = (checksum("a"), checksum("b"));
    let root = Digest::of(&[], &a, None, None);
    let other = Digest::of(&[], &b, None, None);
    assert_ne!(root, other);
    assert_ne!(root, Digest::of(&[], &a, Some(&b), None));
    assert_ne!(
        Digest::of(&[], &a, Some(&b), None),
        Digest::of(&[], &a, None, Some(&b))
    );
    assert_ne!(
        Digest::of(&[root], &b, None, None),
        Digest::of(&[other], &b, None, None)
    );
    assert_eq!(
        Digest::of(&[root, other], &b, None, None),
        Digest::of(&[other, root], &b, None, None)
    );
}

#[test]
fn they_are_written_and_read() {
    let checksum = checksum("a");
    let text = checksum.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(checksum));
    assert_eq!(text.to_uppercase().parse(), Ok(checksum));
    assert_eq!(checksum.short(), text[..12]);
    assert_eq!(
        serde_json::to_string(&checksum).unwrap(),
        format!("\"{text}\"")
    );
    for text in [
        "",
        "00",
        &text[1..],
        &format!("{text}0"),
        &text.replace(&text[..1], "g"),
        &"é".repeat(32),
    ] {
        assert_eq!(text.parse::<Checksum>(), Err(NotAHash), "{text}");
    }
}

/// A token of SQL, complete in itself.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé_][a-z0-9é_$]{0,6}",
        "'[a-z \n\"$;é\\\\-]{0,6}'",
        "E'([a-z \n;]|\\\\['\\\\a-z]){0,6}'",
        "\"[a-z \n'$;é-]{1,6}\"",
        "\\$t\\$[a-z \n'\";$é-]{0,6}\\$t\\$".prop_filter("its tag ends it", |text| {
            text[3..].find("$t$") == Some(text.len() - 6)
        }),
        "[0-9]{1,4}",
        prop::sample::select(vec!["(", ")", ",", ".", "::", "=", "<>", "+"])
            .prop_map(str::to_owned),
        Just(";".to_owned()),
    ]
}

/// What may stand between two tokens and counts for nothing.
fn gap() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[ \t\n]{1,3}",
        Just("\r\n".to_owned()),
        "--[a-z '\"$;]{0,5}\r?\n",
        "/\\*[a-z '\"$;]{0,5}\\*/",
    ];
    prop::collection::vec(part, 1..3).prop_map(|parts| parts.concat())
}

/// Tokens with a gap before each; the gap never joins two literals, nor makes a COPY block.
fn script() -> impl Strategy<Value = Vec<(String, String, String)>> {
    prop::collection::vec((gap(), gap(), piece()), 0..12).prop_map(|mut tokens| {
        for (one, other, piece) in &mut tokens {
            if piece.starts_with('\'') {
                *one = "/**/".to_owned();
                *other = " /* x */".to_owned();
            }
        }
        tokens
    })
}

proptest! {
    #[test]
    fn what_changes_nothing_counts_for_nothing(tokens in script()) {
        let one: String = tokens.iter().flat_map(|(gap, _, piece)| [gap.as_str(), piece]).collect();
        let other: String = tokens.iter().flat_map(|(_, gap, piece)| [gap.as_str(), piece]).collect();
        let wanted = checksum(&one);
        prop_assert_eq!(checksum(&other), wanted);
        prop_assert_eq!(checksum(&format!("\u{feff}{one}\n-- end")), wanted);
        let crlf = one.replace("\r\n", "\n").replace('\n', "\r\n");
        prop_assert_eq!(checksum(&crlf), wanted);
    }

    #[test]
    fn what_changes_something_counts(tokens in script(), at in any::<prop::sample::Index>()) {
        prop_assume!(!tokens.is_empty());
        let at = at.index(tokens.len());
        let text = |change: bool| -> String {
            let pieces = tokens.iter().enumerate().map(|(index, (gap, _, piece))| {
                let piece = match (change && index == at, piece.char_indices().find(|(_, c)| c.is_lowercase() && *c != 't')) {
                    (true, Some((byte, c))) => {
                        let rest = &piece[byte + c.len_utf8()..];
                        format!("{}{}{}", &piece[..byte], if c == 'q' { 'w' } else { 'q' }, rest)
                    }
                    (true, None) => format!("{piece} more"),
                    (false, _) => piece.clone(),
                };
                format!("{gap}{piece}")
            });
            pieces.collect()
        };
        prop_assert_ne!(checksum(&text(true)), checksum(&text(false)));
    }
}
