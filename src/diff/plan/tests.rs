use super::*;
use crate::schema::facts::{Fact, FactId, Kind, State, Value};

fn empty() -> State {
    State::new(150_000, "me")
}

fn id<const N: usize>(kind: Kind, path: [&str; N]) -> FactId {
    FactId::new(kind, path)
}

fn texts(values: &[&str]) -> Value {
    Value::List(values.iter().map(|&one| one.to_owned()).collect())
}

fn put(state: &mut State, id: &FactId, parent: Option<&FactId>, payload: &[(&str, Value)]) {
    let mut fact = Fact::new(id.clone(), parent.cloned());
    for (key, value) in payload {
        fact.payload.insert((*key).to_owned(), value.clone());
    }
    state.insert(fact);
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// A table `a.t` with a column `c`.
fn table(kind: &str, not_null: bool) -> State {
    let mut state = empty();
    let (table, column) = (
        id(Kind::Table, ["a", "t"]),
        id(Kind::Column, ["a", "t", "c"]),
    );
    put(&mut state, &table, None, &[]);
    let mut payload = vec![("type", text(kind))];
    if not_null {
        payload.push(("not_null", Value::Flag(true)));
    }
    put(&mut state, &column, Some(&table), &payload);
    state
}

fn with_index(mut state: State) -> State {
    let definition = text("CREATE INDEX i ON a.t USING btree (c)");
    let index = id(Kind::Index, ["a", "t", "i"]);
    put(
        &mut state,
        &index,
        Some(&id(Kind::Table, ["a", "t"])),
        &[("definition", definition)],
    );
    state.connect(index, id(Kind::Column, ["a", "t", "c"]));
    state
}

fn with_check(mut state: State, definition: &str) -> State {
    put(
        &mut state,
        &id(Kind::Constraint, ["a", "t", "k"]),
        Some(&id(Kind::Table, ["a", "t"])),
        &[("type", text("check")), ("definition", text(definition))],
    );
    state
}

fn labelled(labels: &[&str]) -> State {
    let mut state = empty();
    put(
        &mut state,
        &id(Kind::Enum, ["a", "e"]),
        None,
        &[("labels", texts(labels))],
    );
    state
}

fn view(definition: &str) -> State {
    let mut state = table("integer", false);
    let view = id(Kind::View, ["a", "v"]);
    put(&mut state, &view, None, &[("definition", text(definition))]);
    put(
        &mut state,
        &FactId::about(Kind::Comment, &view, None),
        Some(&view),
        &[("text", text("kept"))],
    );
    put(
        &mut state,
        &FactId::about(Kind::Grant, &view, Some("reader")),
        Some(&view),
        &[("privileges", texts(&["SELECT"]))],
    );
    state.connect(view, id(Kind::Column, ["a", "t", "c"]));
    state
}

fn sql(from: &State, to: &State) -> Vec<String> {
    let actions = migrate(from, to).unwrap();
    actions.into_iter().flat_map(|one| one.sql).collect()
}

/// The segments: whether each is a transaction, and its statements.
fn laid(from: &State, to: &State, emission: Emission) -> Vec<(bool, Vec<String>)> {
    segments(&migrate(from, to).unwrap(), emission)
        .into_iter()
        .map(|segment| {
            let statements = segment.statements.into_iter().map(|one| one.sql);
            (
                segment.transaction == Transaction::One,
                statements.collect(),
            )
        })
        .collect()
}

fn hazards(from: &State, to: &State) -> Vec<&'static str> {
    let actions = migrate(from, to).unwrap();
    let all = actions.iter().flat_map(|one| &one.hazards);
    all.map(|one| one.hazard.word()).collect()
}

#[test]
fn from_a_state_to_itself_there_is_nothing_to_do_and_twice_is_the_same() {
    let states = [
        empty(),
        with_index(table("integer", true)),
        labelled(&["x", "y"]),
        view("SELECT c FROM a.t"),
        with_check(table("text", false), "CHECK ((c <> ''::text))"),
    ];
    for from in &states {
        assert_eq!(migrate(from, from), Ok(Vec::new()));
        for to in &states {
            assert_eq!(migrate(from, to), migrate(from, to));
        }
    }
}

#[test]
fn a_name_is_free_before_another_takes_it() {
    let from = table("integer", false);
    let mut to = empty();
    put(
        &mut to,
        &id(Kind::View, ["a", "t"]),
        None,
        &[("definition", text("SELECT 1 AS c"))],
    );
    let made = sql(&from, &to);
    let place = |start: &str| made.iter().position(|one| one.starts_with(start)).unwrap();
    assert!(
        place("DROP TABLE a.t") < place("CREATE VIEW a.t"),
        "{made:?}"
    );
    let back = sql(&to, &from);
    let place = |start: &str| back.iter().position(|one| one.starts_with(start)).unwrap();
    assert!(
        place("DROP VIEW a.t") < place("CREATE TABLE a.t"),
        "{back:?}"
    );
}

#[test]
fn what_stands_on_a_retyped_column_comes_again_with_all_it_had() {
    let from = view("SELECT c FROM a.t");
    let mut to = view("SELECT c FROM a.t");
    put(
        &mut to,
        &id(Kind::Column, ["a", "t", "c"]),
        Some(&id(Kind::Table, ["a", "t"])),
        &[("type", text("bigint"))],
    );
    let made = sql(&from, &to);
    let place = |part: &str| {
        let found = made.iter().position(|one| one.contains(part));
        found.unwrap_or_else(|| panic!("{part} in {made:?}"))
    };
    let order = [
        "DROP VIEW a.v",
        "TYPE bigint",
        "CREATE VIEW a.v",
        "COMMENT ON VIEW a.v IS 'kept'",
    ];
    assert!(order.map(place).is_sorted(), "{made:?}");
    assert!(
        place("CREATE VIEW a.v") < place("GRANT SELECT ON"),
        "{made:?}"
    );
}

#[test]
fn an_index_of_a_table_in_use_is_built_alone() {
    let (from, to) = (table("integer", false), with_index(table("integer", false)));
    let concurrently = "CREATE INDEX CONCURRENTLY i ON a.t USING btree (c)".to_owned();
    assert_eq!(
        laid(&from, &to, Emission::Online),
        [(false, vec![concurrently])]
    );
    let plain = "CREATE INDEX i ON a.t USING btree (c)".to_owned();
    assert_eq!(laid(&from, &to, Emission::Plain), [(true, vec![plain])]);
    assert_eq!(
        laid(&to, &from, Emission::Online),
        [(false, vec!["DROP INDEX CONCURRENTLY a.i".to_owned()])]
    );
    // A new table is in nobody's use.
    let laid = laid(&empty(), &to, Emission::Online);
    assert!(laid.iter().all(|(one, _)| *one), "{laid:?}");
}

#[test]
fn a_check_is_validated_in_a_later_transaction() {
    let from = table("integer", false);
    let to = with_check(table("integer", false), "CHECK ((c > 0))");
    let laid = laid(&from, &to, Emission::Online);
    let expected = [
        "ALTER TABLE a.t ADD CONSTRAINT k CHECK ((c > 0)) NOT VALID",
        "ALTER TABLE a.t VALIDATE CONSTRAINT k",
    ];
    assert_eq!(laid, expected.map(|one| (true, vec![one.to_owned()])));
}

#[test]
fn a_column_is_not_null_by_a_check_in_three_transactions() {
    let laid = laid(
        &table("integer", false),
        &table("integer", true),
        Emission::Online,
    );
    let expected: [&[&str]; 3] = [
        &["ALTER TABLE a.t ADD CONSTRAINT t_c__not_null CHECK (c IS NOT NULL) NOT VALID"],
        &["ALTER TABLE a.t VALIDATE CONSTRAINT t_c__not_null"],
        &[
            "ALTER TABLE a.t ALTER COLUMN c SET NOT NULL",
            "ALTER TABLE a.t DROP CONSTRAINT t_c__not_null",
        ],
    ];
    let expected = expected.map(|set| (true, set.iter().map(|&one| one.to_owned()).collect()));
    assert_eq!(laid, expected);
}

#[test]
fn an_enum_that_nothing_uses_is_made_anew_when_it_loses_a_label() {
    let actions = migrate(&labelled(&["x", "y"]), &labelled(&["x"])).unwrap();
    let kinds: Vec<ActionKind> = actions.iter().map(|one| one.action).collect();
    assert_eq!(kinds, [ActionKind::Drop, ActionKind::Create]);
    let grown = migrate(&labelled(&["x"]), &labelled(&["x", "y"])).unwrap();
    assert_eq!(grown.len(), 1);
    assert_eq!(grown[0].action, ActionKind::Alter);
}

#[test]
fn hazards_are_told() {
    let plain = || table("integer", false);
    assert_eq!(hazards(&plain(), &empty()), ["deletes-data"]);
    assert!(hazards(&empty(), &plain()).is_empty());
    assert_eq!(
        hazards(&plain(), &table("bigint", false)),
        ["rewrites-table"]
    );
    assert_eq!(
        hazards(&table("bigint", false), &plain()),
        ["rewrites-table", "may-fail"]
    );
    assert_eq!(
        hazards(&plain(), &table("integer", true)),
        ["blocks-table", "may-fail"]
    );
    assert!(hazards(&table("integer", true), &plain()).is_empty());
    assert_eq!(hazards(&plain(), &with_index(plain())), ["blocks-table"]);
}

/// Each statement with the hazards that stand above it.
fn told(from: &State, to: &State, emission: Emission) -> Vec<(String, String)> {
    let actions = migrate(from, to).unwrap();
    let segments = segments(&actions, emission).into_iter();
    let statements = segments.flat_map(|segment| segment.statements);
    let told = statements.map(|one| {
        let hazards: Vec<&str> = one.hazards.iter().map(|one| one.hazard.word()).collect();
        (one.sql, hazards.join(" "))
    });
    told.collect()
}

#[test]
fn hazards_stand_where_they_come_from() {
    let (from, to) = (table("integer", false), table("integer", true));
    let plain: Vec<String> = told(&from, &to, Emission::Plain)
        .into_iter()
        .map(|(_, hazards)| hazards)
        .collect();
    assert_eq!(plain, ["blocks-table may-fail"]);
    // Nobody waits long, and it can fail where it looks at the rows.
    let online = told(&from, &to, Emission::Online);
    let failing: Vec<&String> = online
        .iter()
        .filter(|(_, hazards)| !hazards.is_empty())
        .map(|(sql, _)| sql)
        .collect();
    assert_eq!(online.len(), 4, "{online:?}");
    assert_eq!(
        failing,
        ["ALTER TABLE a.t VALIDATE CONSTRAINT t_c__not_null"]
    );
    assert!(
        online
            .iter()
            .all(|(_, hazards)| !hazards.contains("blocks"))
    );
}

#[test]
fn a_check_that_changes_is_validated_in_a_later_transaction() {
    let from = with_check(table("integer", false), "CHECK ((c > 0))");
    let to = with_check(table("integer", false), "CHECK ((c > 1))");
    let statements: Vec<Vec<String>> = laid(&from, &to, Emission::Online)
        .into_iter()
        .map(|(_, statements)| statements)
        .collect();
    assert_eq!(
        statements,
        [
            vec![
                "ALTER TABLE a.t DROP CONSTRAINT k".to_owned(),
                "ALTER TABLE a.t ADD CONSTRAINT k CHECK ((c > 1)) NOT VALID".to_owned(),
            ],
            vec!["ALTER TABLE a.t VALIDATE CONSTRAINT k".to_owned()],
        ]
    );
}

#[test]
fn what_deletes_data_can_be_a_comment() {
    let (from, mut to) = (table("integer", false), empty());
    put(&mut to, &id(Kind::Table, ["a", "t"]), None, &[]);
    let actions = migrate(&from, &to).unwrap();
    let segments = segments(&actions, Emission::Online);
    let written = |destructive: Destructive| script(&actions, &segments[0], &|_| destructive);
    assert_eq!(
        written(Destructive::Written),
        "-- deletes-data: column a.t.c\nALTER TABLE a.t DROP COLUMN c;\n"
    );
    assert_eq!(
        written(Destructive::Commented),
        "-- deletes-data: column a.t.c\n-- ALTER TABLE a.t DROP COLUMN c;\n"
    );
}

#[test]
fn a_default_comes_before_a_column_may_not_be_left_empty() {
    let from = table("integer", false);
    let mut to = table("integer", true);
    let (column, default) = (
        id(Kind::Column, ["a", "t", "c"]),
        id(Kind::Default, ["a", "t", "c"]),
    );
    put(
        &mut to,
        &default,
        Some(&column),
        &[("expression", text("1"))],
    );
    to.connect(default, column);
    let laid = laid(&from, &to, Emission::Online);
    assert_eq!(laid.len(), 3, "{laid:?}");
    let first = laid[0].1.join("; ");
    assert!(
        first.ends_with("ALTER TABLE ONLY a.t ALTER COLUMN c SET DEFAULT 1"),
        "{first}"
    );
}

#[test]
fn what_goes_for_the_sake_of_another_comes_again_in_the_same_transaction() {
    let from = with_index(table("text", false));
    let to = with_index(table("integer", false));
    let laid = laid(&from, &to, Emission::Online);
    assert_eq!(laid.len(), 1, "{laid:?}");
    assert!(laid[0].0);
    assert!(
        laid[0]
            .1
            .iter()
            .any(|sql| sql.starts_with("CREATE INDEX i ")),
        "{laid:?}"
    );
}

/// The same table with another column `d`.
fn with_second(mut state: State, kind: &str) -> State {
    let (table, column) = (
        id(Kind::Table, ["a", "t"]),
        id(Kind::Column, ["a", "t", "d"]),
    );
    put(&mut state, &column, Some(&table), &[("type", text(kind))]);
    state
}

#[test]
fn what_reads_a_table_anew_is_one_statement() {
    let from = with_second(table("integer", false), "integer");
    let to = with_second(table("bigint", false), "bigint");
    let joined = "ALTER TABLE a.t\n    ALTER COLUMN c SET DATA TYPE bigint,\n    ALTER COLUMN d SET DATA TYPE bigint";
    assert_eq!(
        told(&from, &to, Emission::Online),
        [(
            joined.to_owned(),
            "rewrites-table rewrites-table".to_owned()
        )]
    );
    // Values that are rounded are a statement of their own, which can be left out by itself.
    let to = with_second(table("real", false), "bigint");
    assert_eq!(told(&from, &to, Emission::Online).len(), 2);
}
