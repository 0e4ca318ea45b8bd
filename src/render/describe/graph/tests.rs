use super::*;
use crate::graph::Target;
use crate::graph::drawing::{applied, graph};
use crate::render::describe::words;

const DRAWING: &str = "r; abc1<-r label billing; abc2<-abc1; abd1<-r; abd2<-abd1; z; z2<-z";

fn said(command: &str, error: &TargetError) -> String {
    let about = |id: &str| match id {
        "abc2" => vec!["add invoices".to_owned(), "versions/abc2.up.sql".to_owned()],
        _ => Vec::new(),
    };
    let asked = Asked {
        command,
        about: &about,
    };
    let said = target(error, &asked);
    assert_eq!(said.exit, Exit::Refused);
    shown(&said)
}

fn shown(said: &Description) -> String {
    assert!(said.hints.len() <= 3);
    words::shown(said)
}

fn upgrade(rows: &str, to: &str) -> String {
    let graph = graph(DRAWING);
    let to = [Target::parse(to).unwrap()];
    let error = graph.resolve_upgrade(&to, &applied(&graph, rows));
    said("upgrade", &error.unwrap_err())
}

fn downgrade(rows: &str, to: &str) -> String {
    let graph = graph(DRAWING);
    let to = Target::parse(to).unwrap();
    let error = graph.resolve_downgrade(&to, &applied(&graph, rows));
    said("downgrade", &error.unwrap_err())
}

#[test]
fn unknown_names() {
    insta::assert_snapshot!(upgrade("", "biling@head"), @"
    exit 2
    error[unknown-target]: `biling` is neither a revision nor a label
      billing

    hint: perhaps you mean `grace-migrate upgrade billing@head`
    ");
    insta::assert_snapshot!(upgrade("", "qqqqqq"), @"
    exit 2
    error[unknown-target]: `qqqqqq` is neither a revision nor a label

    hint: see what there is: `grace-migrate history`
    ");
    insta::assert_snapshot!(upgrade("", "ab"), @"
    exit 2
    error[ambiguous-target]: 4 names begin with `ab`
      abc1
      abc2  add invoices  versions/abc2.up.sql
      abd1
      abd2

    hint: write more of it: `grace-migrate upgrade abc1`
    ");
    insta::assert_snapshot!(upgrade("", "billing@abd1"), @"
    exit 2
    error[not-on-branch]: revision `abd1` is not on branch `billing`
      abd1

    hint: name it alone: `grace-migrate upgrade abd1`
    hint: or see the branch: `grace-migrate history -r billing@base:`
    ");
}

#[test]
fn several_heads() {
    insta::assert_snapshot!(upgrade("", "head"), @r#"
    exit 2
    error[multiple-heads]: `head` is ambiguous: the graph has 3 heads
      abc2  add invoices  versions/abc2.up.sql
      abd2
      z2

    hint: upgrade every branch: `grace-migrate upgrade heads`
    hint: name one of them: `grace-migrate upgrade abc2`
    hint: or join them: `grace-migrate merge abc2 abd2 z2 -m "<message>"`
    "#);
    insta::assert_snapshot!(upgrade("", "r@head"), @r#"
    exit 2
    error[multiple-heads]: `r@head` is ambiguous: branch `r` has 2 heads
      abc2  add invoices  versions/abc2.up.sql
      abd2
      branch point: r

    hint: upgrade every branch: `grace-migrate upgrade r@heads`
    hint: name one of them: `grace-migrate upgrade abc2`
    hint: or join them: `grace-migrate merge abc2 abd2 -m "<message>"`
    "#);
    insta::assert_snapshot!(downgrade("abc2 abd2 z2", "heads"), @r#"
    exit 2
    error[multiple-heads]: `heads` is ambiguous: the graph has 3 heads
      abc2  add invoices  versions/abc2.up.sql
      abd2
      z2

    hint: name one of them: `grace-migrate downgrade abc2`
    hint: or join them: `grace-migrate merge abc2 abd2 z2 -m "<message>"`
    "#);
    let effective = |drawing: &str| {
        let error = graph(drawing).resolve(&Target::head(), None);
        said("upgrade", &error.unwrap_err())
    };
    insta::assert_snapshot!(effective("a1; a2<-a1; b1; b2<-b1 dep a2; c1"), @r#"
    exit 2
    error[multiple-heads]: `head` is ambiguous: the graph has 3 heads
      a2
      b2
      c1

    hint: upgrade every branch: `grace-migrate upgrade heads`
    hint: name one of them: `grace-migrate upgrade a2`
    hint: or join them: `grace-migrate merge b2 c1 -m "<message>"`
    "#);
    insta::assert_snapshot!(effective("a1; a2<-a1; b1; b2<-b1 dep a2"), @r"
    exit 2
    error[multiple-heads]: `head` is ambiguous: the graph has 2 heads
      a2
      b2

    hint: upgrade every branch: `grace-migrate upgrade heads`
    hint: name one of them: `grace-migrate upgrade a2`
    ");
    let crowd: Vec<String> = (10..30).map(|n| format!("h{n}<-r")).collect();
    let graph = graph(&format!("r; {}", crowd.join(";")));
    let error = graph.resolve(&Target::head(), None).unwrap_err();
    insta::assert_snapshot!(said("show", &error), @"
    exit 2
    error[multiple-heads]: `head` is ambiguous: the graph has 20 heads
      h10
      h11
      h12
      h13
      h14
      h15
      h16
      h17
      h18
      h19
      and 10 more

    hint: mean every branch: `grace-migrate show heads`
    hint: name one of them: `grace-migrate show h10`
    ");
}

#[test]
fn walks() {
    insta::assert_snapshot!(upgrade("", "+1"), @"
    exit 2
    error[ambiguous-walk]: `+1` is ambiguous: 2 ways lead up from `base`
      r
      z

    hint: name one of them: `grace-migrate upgrade r`
    ");
    insta::assert_snapshot!(upgrade("r", "+1"), @"
    exit 2
    error[ambiguous-walk]: `+1` is ambiguous: 2 ways lead up from `r`
      abc1
      abd1

    hint: name one of them: `grace-migrate upgrade abc1`
    ");
    insta::assert_snapshot!(upgrade("abc1 z", "+1"), @"
    exit 2
    error[ambiguous-walk]: `+1` is ambiguous: 2 ways lead up from 2 revisions
      abc2  add invoices  versions/abc2.up.sql
      z2

    hint: name one of them: `grace-migrate upgrade abc2`
    ");
    insta::assert_snapshot!(downgrade("abc1", "-5"), @"
    exit 2
    error[walked-too-far]: `-5` goes 5 steps, and there are only 2

    hint: as far as it goes: `grace-migrate downgrade -2`
    ");
    insta::assert_snapshot!(downgrade("", "-1"), @"
    exit 2
    error[walked-too-far]: `-1` goes 1 step, and there is none to go

    hint: see where the database stands: `grace-migrate current`
    ");
    insta::assert_snapshot!(upgrade("", "-1"), @"
    exit 2
    error[wrong-way]: `-1` goes down, and an upgrade goes up

    hint: go down: `grace-migrate downgrade -1`
    ");
    insta::assert_snapshot!(downgrade("r", "+1"), @"
    exit 2
    error[wrong-way]: `+1` goes up, and a downgrade goes down

    hint: go up: `grace-migrate upgrade +1`
    ");
    let graph = graph("a; b; m<-(a,b)");
    let show = |text: &str| {
        let error = graph.resolve(&Target::parse(text).unwrap(), None);
        said("show", &error.unwrap_err())
    };
    insta::assert_snapshot!(show("+1"), @"
    exit 2
    error[no-start]: `+1` does not say from where to go up

    hint: from the base: `grace-migrate show base+1`
    hint: from where the database stands: `grace-migrate show current+1`
    ");
    insta::assert_snapshot!(show("m@+1"), @"
    exit 2
    error[no-start]: `m@+1` does not say from where to go up

    hint: from the base: `grace-migrate show m@base+1`
    hint: from where the database stands: `grace-migrate show m@current+1`
    ");
    insta::assert_snapshot!(show("current"), @"
    exit 2
    error[no-current]: `current` asks where the database stands, and no database is asked here

    hint: name a revision: `grace-migrate show <revision>`
    ");
    insta::assert_snapshot!(show("head-1"), @"
    exit 2
    error[ambiguous-walk]: `head-1` is ambiguous: 2 ways lead down from `m`
      a
      b

    hint: name one of them: `grace-migrate show a`
    ");
}

#[test]
fn what_is_not_applied() {
    insta::assert_snapshot!(downgrade("abd1 z", "abc2"), @"
    exit 2
    error[not-applied]: revision `abc2` is not applied
      current  abd1
      current  z

    hint: go up to it: `grace-migrate upgrade abc2`
    ");
    insta::assert_snapshot!(downgrade("", "abc2"), @"
    exit 2
    error[not-applied]: revision `abc2` is not applied
      the database stands at `base`

    hint: go up to it: `grace-migrate upgrade abc2`
    ");
    let graph = graph("a; b dep a");
    let error = graph.resolve_downgrade(&Target::parse("a").unwrap(), &applied(&graph, "b"));
    insta::assert_snapshot!(said("downgrade", &error.unwrap_err()), @"
    exit 2
    error[nothing-to-undo]: nothing applied stands on revision `a`, though this one depends on it
      b

    hint: undo what depends on it: `grace-migrate downgrade b-1`
    ");
    insta::assert_snapshot!(downgrade("abd1", "billing@-1"), @"
    exit 2
    error[branch-not-applied]: nothing of branch `billing` alone is applied
      current  abd1
    ");
}

#[test]
fn ranges() {
    let graph = graph(DRAWING);
    let range = crate::graph::TargetRange::parse("abc2:abd2").unwrap();
    let error = graph.resolve_range(&range, None).unwrap_err();
    insta::assert_snapshot!(said("history -r", &error), @"
    exit 2
    error[not-a-line]: `abc2:abd2` is no range: its end does not stand on `abc2`

    hint: put the older end first, on one line of the graph
    hint: see the lines: `grace-migrate history --graph`
    ");
}

#[test]
fn texts_that_are_no_target() {
    let no_target = |text| shown(&target_defect(&Target::parse(text).unwrap_err(), "upgrade"));
    insta::assert_snapshot!(no_target("a+b"), @"
    exit 2
    error[bad-target]: `a+b` is no target: a number of steps ends it, as in `+1` or `head-2`
      a+b
       ^^

    hint: see what can be a target: `grace-migrate upgrade --help`
    ");
    insta::assert_snapshot!(no_target(""), @"
    exit 2
    error[bad-target]: the target is empty

    hint: see what can be a target: `grace-migrate upgrade --help`
    ");
    insta::assert_snapshot!(no_target("label@"), @"
    exit 2
    error[bad-target]: `label@` is no target: no place stands after `@`, such as `head`
      label@
            ^

    hint: see what can be a target: `grace-migrate upgrade --help`
    ");
}
