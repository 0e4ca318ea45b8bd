use insta::assert_snapshot;

use super::{dot, mermaid, svg, terminal};
use crate::migrator::report::{History, RevisionView};
use crate::render::Style;
use crate::render::samples::{PLAIN, VERBOSE, applied, graph, sample};

fn report(revisions: Vec<RevisionView>) -> History {
    History {
        range: None,
        revisions,
        reverse: false,
        left_off: 0,
    }
}

#[test]
fn in_the_terminal() {
    assert_snapshot!(terminal(&report(sample()), &PLAIN), @"
    ◆    f6f6f6f6f6f6 (head), send invoices by mail
    ├─╮
    │ ╷
    ○ ╷    e5e5e5e5e5e5, merge billing and audit
    ├───╮
    │ ╷ │
    │ ╷ ○  d4d4d4d4d4d4, write an audit log
    │ ╭─┤
    │ ╷ │
    ○ ╷ │  c3c3c3c3c3c3 (billing), add invoices
    ├───╯
    │ ╷
    ○ ╷  b2b2b2b2b2b2, create the GRACE schema
    │ ╷
    │ ◆  a0a0a0a0a0a0 (audit) (effective head), roles for auditors
    ○  a1a1a1a1a1a1

    ◆ head   ○ revision   ╷ depends on
    ");
    let seen = applied(sample(), &["c3c3c3c3c3c3", "a0a0a0a0a0a0"]);
    assert_snapshot!(terminal(&report(seen.clone()), &PLAIN), @"
    ◇    f6f6f6f6f6f6 (head), send invoices by mail
    ├─╮
    │ ╷
    ○ ╷    e5e5e5e5e5e5, merge billing and audit
    ├───╮
    │ ╷ │
    │ ╷ ○  d4d4d4d4d4d4, write an audit log
    │ ╭─┤
    │ ╷ │
    @ ╷ │  c3c3c3c3c3c3 (billing) (current), add invoices
    ├───╯
    │ ╷
    ● ╷  b2b2b2b2b2b2, create the GRACE schema
    │ ╷
    │ @  a0a0a0a0a0a0 (audit) (effective head) (current), roles for auditors
    ●  a1a1a1a1a1a1

    @ current   ◇ head, pending   ● applied   ○ pending   ╷ depends on
    ");
    assert_snapshot!(terminal(&report(seen.clone()), &VERBOSE), @"
    ◇    f6f6f6f6f6f6 (head), send invoices by mail
    ├─╮  versions/f6f6f6f6f6f6.up.sql
    │ ╷  depends on audit
    ○ ╷    e5e5e5e5e5e5, merge billing and audit
    ├───╮  versions/e5e5e5e5e5e5.up.sql
    │ ╷ │
    │ ╷ ○  d4d4d4d4d4d4, write an audit log
    │ ╭─┤  versions/d4d4d4d4d4d4.up.sql
    │ ╷ │  depends on a0a0a0a0a0a0
    @ ╷ │  c3c3c3c3c3c3 (billing) (current), add invoices
    ├───╯  versions/c3c3c3c3c3c3.up.sql
    │ ╷    created 2026-11-22 15:30:00Z
    │ ╷    irreversible: sent invoices cannot be unsent
    ● ╷  b2b2b2b2b2b2, create the GRACE schema
    │ ╷  versions/b2b2b2b2b2b2.up.sql
    │ @  a0a0a0a0a0a0 (audit) (effective head) (current), roles for auditors
    │    versions/a0a0a0a0a0a0.up.sql
    ●  a1a1a1a1a1a1
       versions/a1a1a1a1a1a1.up.sql

    @ current   ◇ head, pending   ● applied   ○ pending   ╷ depends on
    ");
    let mut reversed = report(seen);
    reversed.revisions.reverse();
    reversed.reverse = true;
    let narrow = Style {
        width: Some(40),
        color: true,
        verbose: false,
    };
    assert_snapshot!(terminal(&reversed, &narrow).replace('\u{1b}', "␛"), @"
    ␛[1m␛[33m◇␛[0m    ␛[33mf6f6f6f6f6f6␛[0m␛[36m (head)␛[0m, send invoices…
    ├─╮
    │ ╷
    ␛[1m␛[33m○␛[0m ╷    ␛[33me5e5e5e5e5e5␛[0m, merge billing and …
    ├───╮
    │ ╷ │
    │ ╷ ␛[1m␛[33m○␛[0m  ␛[33md4d4d4d4d4d4␛[0m, write an audit log
    │ ╭─┤
    │ ╷ │
    ␛[1m␛[32m@␛[0m ╷ │  ␛[33mc3c3c3c3c3c3␛[0m␛[35m (billing)␛[0m␛[1m␛[32m (current)␛[0m, add inv…
    ├───╯
    │ ╷
    ␛[32m●␛[0m ╷  ␛[33mb2b2b2b2b2b2␛[0m, create the GRACE sch…
    │ ╷
    │ ␛[1m␛[32m@␛[0m  ␛[33ma0a0a0a0a0a0␛[0m␛[35m (audit)␛[0m␛[36m (effective head)␛[0m␛[1m␛[32m (current)␛[0m, roles f…
    ␛[32m●␛[0m  ␛[33ma1a1a1a1a1a1␛[0m

    ␛[2m@ current   ◇ head, pending   ● applied   ○ pending   ╷ depends on␛[0m
    ");
    assert_eq!(terminal(&report(Vec::new()), &PLAIN), "");
}

#[test]
fn steps_from_the_current_revision() {
    let views = graph(&[
        "e | d c |  |  | a merge",
        "d | b |  |  |",
        "c | b |  |  |",
        "b | a |  |  |",
        "a | z |  |  |",
        "z |  |  |  |",
    ]);
    let seen = applied(views.clone(), &["a"]);
    assert_snapshot!(terminal(&report(seen), &PLAIN), @"
    ◇    e (head), a merge
    ├─╮
    ○ │  d
    │ ○  c
    ├─╯
    ○  b (+1)
    @  a (current)
    ●  z (-1)

    @ current   ◇ head, pending   ● applied   ○ pending
    ");
    let seen = applied(views, &["e"]);
    assert_snapshot!(terminal(&report(seen), &PLAIN), @"
    @    e (head) (current), a merge
    ├─╮
    ● │  d
    │ ●  c
    ├─╯
    ●  b
    ●  a
    ●  z

    @ current   ● applied
    ");
}

#[test]
fn what_is_left_out_has_open_ends() {
    assert_snapshot!(terminal(&report(sample()[..3].to_vec()), &PLAIN), @"
    ◆    f6f6f6f6f6f6 (head), send invoices by mail
    ├─╮
    │ │
    │ ~
    │
    ○    e5e5e5e5e5e5, merge billing and audit
    ├─╮
    │ │
    ~ │
      │
      ○  d4d4d4d4d4d4, write an audit log
    ╭─┤
    │ │
    ~ ~

    ◆ head   ○ revision   ╷ depends on   ~ not shown
    ");
    assert_snapshot!(dot(&report(sample()[..2].to_vec())), @r#"
    digraph revisions {
      rankdir = "BT";
      node [shape = "box", style = "rounded", fontname = "sans-serif"];
      "f6f6f6f6f6f6" [label = "f6f6f6f6f6f6\nsend invoices by mail", style = "rounded,bold"];
      "e5e5e5e5e5e5" [label = "e5e5e5e5e5e5\nmerge billing and audit"];
      "e5e5e5e5e5e5" -> "f6f6f6f6f6f6";
    }
    "#);
}

#[test]
fn for_graphviz() {
    let seen = applied(sample(), &["c3c3c3c3c3c3"]);
    assert_snapshot!(dot(&report(seen)), @r#"
    digraph revisions {
      rankdir = "BT";
      node [shape = "box", style = "rounded", fontname = "sans-serif"];
      "f6f6f6f6f6f6" [label = "f6f6f6f6f6f6\nsend invoices by mail", style = "rounded,bold"];
      "e5e5e5e5e5e5" [label = "e5e5e5e5e5e5\nmerge billing and audit"];
      "d4d4d4d4d4d4" [label = "d4d4d4d4d4d4\nwrite an audit log"];
      "c3c3c3c3c3c3" [label = "c3c3c3c3c3c3\n(billing)\nadd invoices", style = "rounded,filled,bold", fillcolor = "palegreen"];
      "b2b2b2b2b2b2" [label = "b2b2b2b2b2b2\ncreate the GRACE schema", style = "rounded,filled", fillcolor = "honeydew"];
      "a0a0a0a0a0a0" [label = "a0a0a0a0a0a0\n(audit)\nroles for auditors", style = "rounded,bold"];
      "a1a1a1a1a1a1" [label = "a1a1a1a1a1a1", style = "rounded,filled", fillcolor = "honeydew"];
      "e5e5e5e5e5e5" -> "f6f6f6f6f6f6";
      "a0a0a0a0a0a0" -> "f6f6f6f6f6f6" [style = "dashed"];
      "c3c3c3c3c3c3" -> "e5e5e5e5e5e5";
      "d4d4d4d4d4d4" -> "e5e5e5e5e5e5";
      "b2b2b2b2b2b2" -> "d4d4d4d4d4d4";
      "a0a0a0a0a0a0" -> "d4d4d4d4d4d4" [style = "dashed"];
      "b2b2b2b2b2b2" -> "c3c3c3c3c3c3";
      "a1a1a1a1a1a1" -> "b2b2b2b2b2b2";
    }
    "#);
}

#[test]
fn for_mermaid() {
    let seen = applied(sample(), &["c3c3c3c3c3c3"]);
    assert_snapshot!(mermaid(&report(seen)), @r#"
    flowchart BT
      r0["f6f6f6f6f6f6<br/>send invoices by mail"]:::head
      r1["e5e5e5e5e5e5<br/>merge billing and audit"]
      r2["d4d4d4d4d4d4<br/>write an audit log"]
      r3["c3c3c3c3c3c3<br/>(billing)<br/>add invoices"]:::current
      r4["b2b2b2b2b2b2<br/>create the GRACE schema"]:::applied
      r5["a0a0a0a0a0a0<br/>(audit)<br/>roles for auditors"]:::head
      r6["a1a1a1a1a1a1"]:::applied
      r1 --> r0
      r5 -.-> r0
      r3 --> r1
      r2 --> r1
      r4 --> r2
      r5 -.-> r2
      r4 --> r3
      r6 --> r4
      classDef current fill:#98fb98,stroke:#2e7d32,stroke-width:3px,color:#000
      classDef applied fill:#f0fff0,stroke:#2e7d32,color:#000
      classDef head stroke-width:3px
    "#);
}

#[test]
fn as_a_picture() {
    let views = graph(&["bbbb | aaaa |  | one | second", "aaaa |  |  |  | first"]);
    let seen = applied(views, &["aaaa"]);
    assert_snapshot!(svg(&report(seen)), @r##"
    <svg font-family="system-ui, Segoe UI, Helvetica, DejaVu Sans, sans-serif" height="110" role="img" viewBox="0 0 654 110" width="654" xmlns="http://www.w3.org/2000/svg">
    <title>revision graph</title>
    <rect fill="#ffffff" height="100%" width="100%"/>
    <g fill="none" stroke-width="2">
    <path d="M22 26V54" stroke="#3b6ea8"/>
    </g>
    <g>
    <g>
    <title>bbbb
    second
    versions/bbbb.up.sql</title>
    <polygon fill="#ffffff" points="22,19.5 28.5,26 22,32.5 15.5,26" stroke="#b7791f" stroke-width="2"/>
    <text fill="#1f2933" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" font-weight="bold" x="44" y="30.5">
    bbbb
    </text>
    <rect fill="#efe3f7" height="18" rx="9" width="32.1" x="85.6" y="17"/>
    <text fill="#6c2f91" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11" text-anchor="middle" x="101.6" y="30">
    one
    </text>
    <rect fill="#e3edf7" height="18" rx="9" width="38.8" x="123.7" y="17"/>
    <text fill="#27527f" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11" text-anchor="middle" x="143.1" y="30">
    head
    </text>
    <text fill="#1f2933" font-size="13" x="172.5" y="30.5">
    second
    </text>
    </g>
    <g>
    <title>aaaa
    first
    versions/aaaa.up.sql</title>
    <circle cx="22" cy="54" fill="#ffffff" r="9.5" stroke="#2e7d32" stroke-width="2"/>
    <circle cx="22" cy="54" fill="#2e7d32" r="5" stroke="#2e7d32" stroke-width="2"/>
    <text fill="#1f2933" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" font-weight="bold" x="44" y="58.5">
    aaaa
    </text>
    <rect fill="#dff3e0" height="18" rx="9" width="58.9" x="85.6" y="45"/>
    <text fill="#2e7d32" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11" text-anchor="middle" x="115.1" y="58">
    current
    </text>
    <text fill="#1f2933" font-size="13" x="154.5" y="58.5">
    first
    </text>
    </g>
    </g>
    <g>
    <text fill="#66727f" font-size="11" x="13" y="86.5">
    full: applied  ·  empty: pending  ·  ring: current  ·  diamond: head  ·  dashed: depends on
    </text>
    </g>
    </svg>
    "##);
}

/// A dependency far down is named, not drawn beside everything between.
#[test]
fn far_dependencies_are_named() {
    let mut lines: Vec<String> = (1..=62)
        .rev()
        .map(|n| format!("r{n} | r{} |  |  |", n - 1))
        .collect();
    lines.push("r0 |  |  |  |".to_owned());
    lines[0] = "r62 | r61 | r0 |  |".to_owned();
    lines[2] = "r60 | r59 | r0 |  |".to_owned();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let report = report(graph(&lines));
    let text = terminal(&report, &PLAIN);
    assert_snapshot!(text.lines().take(6).collect::<Vec<_>>().join("\n"), @"
    ◆  r62 (head) (depends on r0)
    ○  r61
    ○    r60
    ├─╮
    │ ╷
    ○ ╷  r59
    ");
    assert!(svg(&report).contains("depends on r0"));
    assert!(dot(&report).contains(r#""r0" -> "r62" [style = "dashed"]"#));
}

/// Messages that are code to every reader of the drawings.
#[test]
fn hostile_messages_are_text() {
    let mut views = graph(&["end | |  |  | x"]);
    views[0].message = Some(
        "\"]; click r0 \"javascript:alert(1)\" `</text><script>&lt; \\ #quot; %% \u{1b}[2J\n\u{ffff}"
            .to_owned(),
    );
    let report = report(views);
    assert_snapshot!(terminal(&report, &PLAIN), @r#"
    ◆  end (head), "]; click r0 "javascript:alert(1)" `</text><script>&lt; \ #quot; %% ␛[2J �

    ◆ head
    "#);
    assert_snapshot!(dot(&report), @r#"
    digraph revisions {
      rankdir = "BT";
      node [shape = "box", style = "rounded", fontname = "sans-serif"];
      "end" [label = "end\n\"]; click r0 \"javascript:alert(1)\" `</text><script>&amp;lt; \\ #quot; %% ␛[2J �", style = "rounded,bold"];
    }
    "#);
    assert_snapshot!(mermaid(&report), @r#"
    flowchart BT
      r0["end<br/>#34;#93;#59; click r0 #34;javascript#58;alert(1)#34; #96;#60;/text#62;#60;script#62;#38;lt#59; #92; #35;quot#59; #37;#37; #9243;#91;2J #65533;"]:::head
      classDef current fill:#98fb98,stroke:#2e7d32,stroke-width:3px,color:#000
      classDef applied fill:#f0fff0,stroke:#2e7d32,color:#000
      classDef head stroke-width:3px
    "#);
    let picture = svg(&report);
    assert!(!picture.contains("<script"), "{picture}");
    assert_snapshot!(picture.lines().find(|line| line.contains("javascript")).unwrap(), @r#""]; click r0 "javascript:alert(1)" `&lt;/text&gt;&lt;script&gt;&amp;lt; \ #quot; %% ␛[2J"#);
}
