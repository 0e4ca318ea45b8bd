use super::super::*;

/// The significant tokens, `|` between them.
fn significant(text: &str) -> String {
    let tokens: Vec<_> = tokenize(text)
        .filter(|token| token.kind.is_significant())
        .map(|token| token.text(text))
        .collect();
    tokens.join("|")
}

/// The kinds of all tokens but white space.
fn kinds(text: &str) -> Vec<TokenKind> {
    tokenize(text)
        .map(|token| token.kind)
        .filter(|kind| *kind != TokenKind::Whitespace)
        .collect()
}

#[track_caller]
fn reads(text: &str, tokens: &str) {
    assert_eq!(significant(text), tokens, "{text:?}");
}

#[test]
fn literals() {
    reads("select 'a''b', ''", "select|'a''b'|,|''");
    reads(r"select 'a\' , 'b'", r"select|'a\'|,|'b'");
    reads(r"E'a\'b' c", r"E'a\'b'|c");
    reads(r"e'\\' c", r"e'\\'|c");
    reads("E'\\é\\'' c", "E'\\é\\''|c");
    reads(r"E'a''\\\'' c", r"E'a''\\\''|c");
    reads(r"U&'\0041\' c", r"U&'\0041\'|c");
    reads("b'01' X'fF' N'x' nE'x'", "b'01'|X'fF'|N|'x'|nE|'x'");
    reads("u & 'x' u&x", "u|&|'x'|u|&|x");
    use {Quoting::*, TokenKind::Literal};
    assert_eq!(
        kinds("'' E'' U&'' B'' X'' $$$$"),
        [Plain, Escape, Unicode, Bits, Hex, Dollar].map(Literal)
    );
}

#[test]
fn literals_that_go_on_after_a_line_end() {
    use {Quoting::*, TokenKind::*};
    let continued = |text| kinds(text) == [Literal(Plain), Continuation(Plain)];
    assert!(continued("'a'\n'b'"));
    assert!(continued("'a' \t\r\n \n 'b'"));
    assert!(continued("'a'\r'b'"));
    assert!(!continued("'a' 'b'"));
    assert_eq!(
        kinds("'a' -- c\n -- d\n 'b'"),
        [
            Literal(Plain),
            LineComment,
            LineComment,
            Continuation(Plain)
        ]
    );
    assert_eq!(
        kinds("'a' /* c */ \n 'b'"),
        [Literal(Plain), BlockComment, Literal(Plain)]
    );
    // It is read by the rules of the first segment.
    reads("E'a'\n'\\'' c", "E'a'|'\\''|c");
    reads("'a'\n'\\' c", "'a'|'\\'|c");
    assert_eq!(
        kinds("E'a'\n'b'\n'c'"),
        [Literal(Escape), Continuation(Escape), Continuation(Escape)]
    );
    assert_eq!(kinds("'a'\n$$b$$"), [Literal(Plain), Literal(Dollar)]);
    assert_eq!(kinds("\"a\"\n'b'"), [QuotedName, Literal(Plain)]);
    assert_eq!(kinds("$$a$$\n'b'"), [Literal(Dollar), Literal(Plain)]);
}

#[test]
fn dollar_quotes() {
    reads("$$a;b$$ c", "$$a;b$$|c");
    reads("$a$ $$ $b$ $a$ c", "$a$ $$ $b$ $a$|c");
    reads("$a$ $A$ $a$ c", "$a$ $A$ $a$|c");
    reads("$é_1$ ' $é_1$ c", "$é_1$ ' $é_1$|c");
    reads("$a$x$a$a$ y", "$a$x$a$|a$|y");
    // Within a word, and before a digit, a dollar sign is none.
    reads("a$b$ c$b$", "a$b$|c$b$");
    reads("a$$;", "a$$|;");
    reads("$1 $12+$1$", "$1|$12|+|$1|$");
    reads("1$$a$$", "1|$$a$$");
    reads("$ab c$", "$|ab|c$");
}

#[test]
fn names() {
    reads(r#""a""b" "c d".e"#, r#""a""b"|"c d"|.|e"#);
    reads(r#"U&"\0041""b" UESCAPE '!'"#, r#"U&"\0041""b"|UESCAPE|'!'"#);
    reads("é_ü1$ _x", "é_ü1$|_x");
    reads("\u{a0}a b", "\u{a0}a|b");
    let name = |text| {
        let token = tokenize(text).next().unwrap();
        token.identifier(text).map(std::borrow::Cow::into_owned)
    };
    assert_eq!(name("FooÉ").as_deref(), Some("fooÉ"));
    assert_eq!(name(r#""Fo""o""#).as_deref(), Some("Fo\"o"));
    assert_eq!(name(r#"U&"x""#), None);
    assert_eq!(name("1"), None);
}

#[test]
fn comments() {
    reads("a -- b\nc --\rd", "a|c|d");
    reads("a /* b /* c */ d */ e", "a|e");
    reads("a /*/ b */ c /**/ d /***/ e", "a|c|d|e");
    reads("/* ' */ a -- '\nb", "a|b");
    reads("a-- b", "a");
    assert_eq!(kinds("-- a"), [TokenKind::LineComment]);
}

#[test]
fn numbers() {
    reads("1 1_000 1.5 .5 1. 1.e5", "1|1_000|1.5|.5|1.|1.e5");
    reads(
        "1e5 1.5e-10 2E+3 1_0.0_1e1_0",
        "1e5|1.5e-10|2E+3|1_0.0_1e1_0",
    );
    reads("0xFF 0x_f 0o17 0b1_0", "0xFF|0x_f|0o17|0b1_0");
    reads("1..2 1...2", "1|..|2|1|..|.2");
    // Letters that stick to a number are one broken token with it.
    reads("1e 1e+ 0x 1_ 1__0 0b2", "1e|1e|+|0x|1_|1__0|0b2");
    reads(
        "a.5 a1.b2 1a 1.5a 1e5$a$ $1a",
        "a|.5|a1|.|b2|1a|1.5a|1e5$a$|$1a",
    );
    reads("1$$a$$ 1e-5$$a$$", "1|$$a$$|1e-5|$$a$$");
}

#[test]
fn operators() {
    reads(
        "a::int a:=1 a[1:2] a=>b",
        "a|::|int|a|:=|1|a|[|1|:|2|]|a|=>|b",
    );
    reads("a<>b<=c->>d#>>e", "a|<>|b|<=|c|->>|d|#>>|e");
    reads(
        "a=-1 a*-+-1 a?-b a@-1 a||-1",
        "a|=|-|1|a|*|-|+|-|1|a|?-|b|a|@-|1|a|||-|1",
    );
    reads("a<--b\nc", "a|<|c");
    reads("a*/*b*/c", "a|*|c");
    reads("a+/*b--*/-c", "a|+|-|c");
    reads("{} ~ @ `", "{|}|~|@|`");
    reads("- -1 +", "-|-|1|+");
}

#[test]
fn meta_commands() {
    use TokenKind::*;
    reads("\\set a 'b\nselect 1;", "\\set a 'b|select|1|;");
    reads("select 1 \\gexec\nx", "select|1|\\gexec|x");
    reads("select '\\d', $$\\d$$ -- \\d", "select|'\\d'|,|$$\\d$$");
    assert_eq!(
        kinds("\\restrict AbC\r\nselect;\n\\unrestrict AbC"),
        [Restriction, Word, Terminator, Restriction]
    );
    assert_eq!(kinds("select \\restrict x"), [Word, MetaCommand]);
    assert_eq!(kinds("\\restricted x"), [MetaCommand]);
}

#[test]
fn byte_order_mark() {
    use TokenKind::*;
    assert_eq!(kinds("\u{feff}a"), [ByteOrderMark, Word]);
    assert_eq!(kinds("a \u{feff}a"), [Word, Word]);
}

#[test]
fn what_is_not_closed() {
    use {Opening::*, TokenKind::Unterminated};
    for (text, opening) in [
        ("'a", Literal),
        ("'a''", Literal),
        ("E'a\\'", Literal),
        ("E'a\\", Literal),
        ("'a'\n'b", Literal),
        ("U&'", Literal),
        ("\"a", Name),
        ("\"a\"\"", Name),
        ("U&\"", Name),
        ("$$a$", Dollar),
        ("$a$ $b$", Dollar),
        ("/* /* */", Comment),
        ("/*/", Comment),
        ("copy t from stdin;\n1\n\\.x", CopyData),
    ] {
        assert_eq!(kinds(text).pop(), Some(Unterminated(opening)), "{text:?}");
    }
}

#[test]
fn which_semicolons_end_a_statement() {
    use TokenKind::*;
    let ends = |text| {
        let kinds = kinds(text);
        let of = |wanted| kinds.iter().filter(|kind| **kind == wanted).count();
        (of(Terminator), of(Semicolon))
    };
    assert_eq!(ends("a; b;"), (2, 0));
    assert_eq!(
        ends("create rule r as on insert to t do (a; b); c;"),
        (2, 1)
    );
    assert_eq!(ends("a (;) ) ; b;"), (2, 1));
    let body = "create or replace function f() returns int language sql begin atomic select \
                case 1 when 1 then 2 end; select 1 as end; select a.end; end; select 1;";
    assert_eq!(ends(body), (2, 3));
    assert_eq!(
        ends("create procedure begin() begin atomic end; b;"),
        (2, 0)
    );
    assert_eq!(ends("CREATE FUNCTION f() BEGIN ATOMIC;END; b;"), (2, 1));
    assert_eq!(
        ends("create function f() as $$ begin atomic; $$; b;"),
        (2, 0)
    );
    assert_eq!(ends("create view v as select begin atomic; b;"), (2, 0));
    assert_eq!(ends("begin; atomic; end;"), (3, 0));
}
