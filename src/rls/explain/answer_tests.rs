use super::*;
use crate::rls::sample::{Sample, expression, grant, policy, table};
use crate::schema::{
    Expression, Grant, Grantee, Policy, PolicyCommand, PolicyKind, Privilege, Relation, RowSecurity,
};

/// Policies that say what their names say: `yes`, `no`, `null`, each of one row.
fn said(name: &str) -> Tally {
    let of = |word: &str| u64::from(name.starts_with(word));
    Tally {
        yes: of("yes"),
        no: of("no_"),
        null: of("null"),
    }
}

fn named(name: &str, kind: PolicyKind) -> Policy {
    Policy {
        kind,
        using: Some(Expression {
            sql: name.to_owned(),
            ..expression()
        }),
        ..policy(name)
    }
}

fn answered(asked: &AskedGate) -> Gate {
    let passes = |kind| {
        let policies = asked.policies.iter();
        policies.filter(move |policy| policy.kind == kind)
    };
    let is_yes = |policy: &AskedPolicy| said(&policy.name).yes == 1;
    let permitted = passes(PolicyKind::Permissive).any(is_yes);
    let passed = permitted && passes(PolicyKind::Restrictive).all(is_yes);
    Gate {
        kind: asked.kind,
        command: asked.command,
        asked_on: AskedOn::Table,
        of: Some(1),
        permitted: Some(permitted.into()),
        passed: Some(passed.into()),
        error: None,
        for_others: Vec::new(),
        policies: asked
            .policies
            .iter()
            .map(|policy| PolicyAnswer {
                name: policy.name.clone(),
                command: policy.command,
                kind: policy.kind,
                roles: policy.roles.clone(),
                clause: policy.clause,
                condition: policy.condition.as_ref().map(|condition| ConditionAnswer {
                    sql: condition.sql.clone(),
                    joined_by: None,
                    tally: Some(said(&policy.name)),
                    error: None,
                    parts: Vec::new(),
                }),
                takes_away: (policy.kind == PolicyKind::Restrictive)
                    .then(|| u64::from(permitted && !is_yes(policy))),
            })
            .collect(),
    }
}

/// The answer about one row of a table, for `authenticated`.
fn answer_of(table: Relation, command: Privilege) -> Answer {
    let name = table.name.clone();
    let sample = Sample::of([table]);
    let audit = crate::rls::Audit {
        schema: &sample.schema,
        scope: &sample.scope,
    };
    let table = &sample.schema.relations[&name];
    let role = "authenticated";
    let rights = [
        schema_right(audit, role, "public"),
        table_right(audit, role, table, command, &[]),
    ];
    let gates: Vec<Gate> = gates(audit, table, role, command, true)
        .iter()
        .map(answered)
        .collect();
    let old = gates.iter().filter(|gate| gate.kind != GateKind::Write);
    judge(Facts {
        command,
        rights: &rights,
        binding: binding(audit, table, role),
        total: Some(1),
        reached: old.filter_map(|gate| gate.passed).min(),
        gates: &gates,
        attempted: &Attempted::Not {
            why: NotAttempted::Production,
        },
    })
}

fn shown(answer: &Answer) -> String {
    let conditions: Vec<String> = answer
        .conditions
        .iter()
        .map(|one| format!("{}: {} {:?}", one.policy, one.sql, one.truth))
        .collect();
    format!(
        "{:?} by {:?} [{}]",
        answer.verdict,
        answer.decided_by,
        conditions.join(", ")
    )
}

fn granted(policies: Vec<Policy>) -> Relation {
    Relation {
        grants: Privilege::ROWS
            .map(|one| grant("authenticated", one))
            .into(),
        policies,
        ..table("notes")
    }
}

#[test]
fn the_link_that_decides() {
    let select = |table| shown(&answer_of(table, Privilege::Select));
    let permissive = |name| named(name, PolicyKind::Permissive);
    let restrictive = |name| named(name, PolicyKind::Restrictive);
    let answers = [
        select(table("notes")),
        select(granted(Vec::new())),
        select(Relation {
            row_security: RowSecurity::Off,
            ..granted(Vec::new())
        }),
        select(granted(vec![permissive("no_1"), permissive("null_2")])),
        select(granted(vec![permissive("no_1"), permissive("yes_2")])),
        select(granted(vec![
            permissive("yes_1"),
            restrictive("null_2"),
            restrictive("yes_3"),
        ])),
        shown(&answer_of(
            granted(vec![Policy {
                command: PolicyCommand::Update,
                ..permissive("yes_1")
            }]),
            Privilege::Update,
        )),
        shown(&answer_of(
            granted(vec![Policy {
                check: Some(Expression {
                    sql: "checked".to_owned(),
                    ..expression()
                }),
                ..permissive("yes_1")
            }]),
            Privilege::Update,
        )),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r#"
    No by Right { privilege: Select, object: "public.notes" } []
    No by NoPolicy { gate: Read } []
    Yes by NotAsked { why: Off } []
    No by Permissive { gate: Read, policies: ["no_1", "null_2"] } [no_1: no_1 False, null_2: null_2 Null]
    Yes by Permissive { gate: Read, policies: ["yes_2"] } [yes_2: yes_2 True]
    No by Restrictive { gate: Read, policies: ["null_2"] } [null_2: null_2 Null]
    No by NoPolicy { gate: Read } []
    Yes by Permissive { gate: Reach, policies: ["yes_1"] } [yes_1: yes_1 True]
    "#);
}

#[test]
fn through_whom_a_right_is_held() {
    let mut sample = Sample::of([Relation {
        grants: vec![
            Grant {
                grantee: Grantee::Public,
                privilege: Privilege::Select,
                column: None,
            },
            grant("anon", Privilege::Select),
            Grant {
                column: Some("body".to_owned()),
                ..grant("anon", Privilege::Update)
            },
        ],
        columns: ["id", "body"].map(crate::rls::sample::column).into(),
        ..table("notes")
    }]);
    let authenticated = sample.schema.roles.get_mut("authenticated").unwrap();
    authenticated.has_rights_of.insert("anon".to_owned());
    let audit = crate::rls::Audit {
        schema: &sample.schema,
        scope: &sample.scope,
    };
    let table = sample.schema.relations.values().next().unwrap();
    let told = |role, privilege, needed: &[&str]| {
        let needed: Vec<String> = needed.iter().map(|one| (*one).to_owned()).collect();
        let right = table_right(audit, role, table, privilege, &needed);
        let by: Vec<String> = right
            .holders
            .iter()
            .map(|one| format!("{:?} {}", one.through, one.grantee))
            .collect();
        format!(
            "{} {:?} {:?} by {}",
            right.is_held(),
            right.reach,
            right.missing_columns,
            by.join(", ")
        )
    };
    insta::assert_snapshot!([
        told("anon", Privilege::Select, &[]),
        told("authenticated", Privilege::Select, &["id"]),
        told("authenticated", Privilege::Update, &["body"]),
        told("authenticated", Privilege::Update, &["id", "body"]),
        told("owner", Privilege::Update, &[]),
    ].join("\n"), @r#"
    true Whole [] by Role anon, Public public
    true Whole [] by Member anon, Public public
    true Columns [] by Member anon
    false Columns ["id"] by Member anon
    false None [] by
    "#);
}

#[test]
fn the_command_itself_may_say_otherwise() {
    let facts = |attempted| Facts {
        command: Privilege::Select,
        rights: &[],
        binding: Binding::Off,
        total: Some(2),
        gates: &[],
        reached: None,
        attempted,
    };
    let refused = Attempted::Refused {
        message: "no".to_owned(),
    };
    for (attempted, agrees) in [
        (&Attempted::Rows { rows: 2 }, Some(true)),
        (&Attempted::Rows { rows: 1 }, Some(false)),
        (&refused, Some(false)),
        (
            &Attempted::Not {
                why: NotAttempted::Production,
            },
            None,
        ),
    ] {
        let answer = judge(facts(attempted));
        assert_eq!(answer.agrees, agrees, "{attempted:?}");
        let believed = answer.decided_by == DecidedBy::Attempt;
        assert_eq!(believed, agrees == Some(false), "{attempted:?}");
    }
    // Where the policies could not be asked, the command alone decides.
    let asked = judge(Facts {
        binding: Binding::Asked,
        ..facts(&Attempted::Rows { rows: 1 })
    });
    assert_eq!((asked.verdict, asked.reached), (Verdict::Some, Some(1)));
    assert_eq!(asked.decided_by, DecidedBy::Attempt);
}
