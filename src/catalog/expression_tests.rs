use super::*;

const UID: &str = "{FUNCEXPR :funcid 900 :args <>}";

/// A column of the policy's own row, seen from so many queries within.
fn own(attribute: u8, up: u8) -> String {
    format!("{{VAR :varno 1 :varattno {attribute} :varlevelsup {up}}}")
}

fn equal(one: &str, other: &str) -> String {
    format!("{{OPEXPR :opno 2972 :args ({one} {other})}}")
}

fn link(kind: u8, range: &str, rest: &str) -> String {
    format!(
        "{{SUBLINK :subLinkType {kind} :testexpr <> :subselect {{QUERY :rtable {range} {rest}}}}}"
    )
}

/// `(select auth.uid())`
fn wrapped() -> String {
    link(
        4,
        "<>",
        &format!(":targetList ({{TARGETENTRY :expr {UID}}})"),
    )
}

const MEMBERS: &str = "({RANGETBLENTRY :rtekind 0 :relid 20})";

fn facts(tree: &str) -> Expression {
    let name = |name: &str| QualifiedName::new("public", name);
    let names = Names {
        functions: [(900, QualifiedName::new("auth", "uid"))].into(),
        relations: [(10, name("notes")), (20, name("members"))].into(),
        columns: [
            ((10, 1), "id".to_owned()),
            ((10, 2), "team_id".to_owned()),
            ((20, 1), "team_id".to_owned()),
            ((20, 2), "user_id".to_owned()),
        ]
        .into(),
        equalities: [2972].into(),
    };
    let tree = Node::parse(tree).unwrap_or_else(|| panic!("no tree: {tree}"));
    read(String::new(), &tree, 10, &names)
}

fn wrappings(tree: &str) -> Vec<Wrapping> {
    let calls = facts(tree).calls;
    calls.into_iter().map(|call| call.wrapping).collect()
}

#[test]
fn a_call_beside_a_wrapped_one_is_found() {
    let both = format!(
        "{{BOOLEXPR :boolop or :args ({} {})}}",
        equal(&own(1, 0), &wrapped()),
        equal(&own(2, 0), UID)
    );
    assert_eq!(wrappings(&both), [Wrapping::Once, Wrapping::EachRow]);
    let found = facts(&both);
    assert_eq!(found.filters, found.columns);
    assert_eq!(found.filters.len(), 2);
}

#[test]
fn a_wrapped_call_that_looks_at_the_row_runs_for_each() {
    let call = format!("{{FUNCEXPR :funcid 900 :args ({})}}", own(1, 1));
    let tree = link(4, "<>", &format!(":targetList ({call})"));
    assert_eq!(wrappings(&tree), [Wrapping::EachRow]);
}

#[test]
fn calls_in_sub_queries_with_rows() {
    let user = "{VAR :varno 1 :varattno 2 :varlevelsup 0}";
    let bare = link(0, MEMBERS, &format!(":jointree {}", equal(user, UID)));
    assert_eq!(wrappings(&bare), [Wrapping::EachSubQueryRow]);
    let well = link(
        0,
        MEMBERS,
        &format!(":jointree {}", equal(user, &wrapped())),
    );
    assert_eq!(wrappings(&well), [Wrapping::Once]);
}

#[test]
fn a_captured_column_is_compared_with_itself() {
    let team = "{VAR :varno 1 :varattno 1 :varlevelsup 0}";
    let captured = link(0, MEMBERS, &format!(":jointree {}", equal(team, team)));
    let sub_query = facts(&captured).sub_queries.remove(0);
    assert!(!sub_query.correlated);
    assert_eq!(sub_query.comparisons.len(), 1);
    assert!(sub_query.comparisons[0].with_itself);

    let meant = link(
        0,
        MEMBERS,
        &format!(":jointree {}", equal(team, &own(2, 1))),
    );
    let found = facts(&meant);
    assert!(found.sub_queries[0].correlated);
    assert!(!found.sub_queries[0].comparisons[0].with_itself);
    assert_eq!(found.columns, ["team_id".to_owned()].into());
    assert!(found.filters.is_empty());
}

#[test]
fn what_sub_queries_read() {
    let inner = format!("({{RTE :rtekind 1 :subquery {{QUERY :rtable {MEMBERS}}}}})");
    let found = facts(&link(2, &inner, ":targetList <>"));
    let kinds: Vec<SubQueryKind> = found.sub_queries.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [SubQueryKind::Any, SubQueryKind::From]);
    let members = QualifiedName::new("public", "members");
    assert!(found.sub_queries[0].relations.contains(&members));
}

#[test]
fn a_value_that_comes_from_the_row_is_no_filter() {
    assert!(facts(&equal(&own(1, 0), &own(2, 0))).filters.is_empty());
    let negated = format!(
        "{{BOOLEXPR :boolop not :args ({})}}",
        equal(&own(1, 0), UID)
    );
    assert!(facts(&negated).filters.is_empty());
    let relabelled = format!("{{RELABELTYPE :arg {}}}", own(1, 0));
    assert_eq!(facts(&equal(UID, &relabelled)).filters.len(), 1);
}

#[test]
fn constants() {
    let truth = "{CONST :consttype 16 :constvalue 1 [ 1 0 0 0 0 0 0 0 ]}";
    let one = "{CONST :consttype 23 :constvalue 4 [ 1 0 0 0 0 0 0 0 ]}";
    let or = format!("{{BOOLEXPR :boolop or :args ({} {truth})}}", own(1, 0));
    let and = format!("{{BOOLEXPR :boolop and :args ({} {truth})}}", own(1, 0));
    for (tree, constant) in [
        (truth.to_owned(), Some(true)),
        (equal(one, one), Some(true)),
        (or, Some(true)),
        (and, None),
        (
            format!("{{BOOLEXPR :boolop not :args ({truth})}}"),
            Some(false),
        ),
        (equal(&own(1, 0), UID), None),
    ] {
        assert_eq!(facts(&tree).constant, constant, "{tree}");
    }
    let word = "{CONST :consttype 25 :constvalue 6 [ 24 0 0 0 -61 -87 ]}";
    assert_eq!(facts(word).texts, ["é".to_owned()].into());
}
