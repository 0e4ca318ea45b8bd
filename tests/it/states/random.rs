//! Schemas made at random, and pairs of them of which the second is the first with some of its parts
//! changed. The same ones in every run.

mod model;
mod sql;

use std::collections::BTreeMap;
use std::sync::Mutex;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::corpus::{Case, create_roles};
use super::identity::{check, runtime};
use super::proof::{End, there_and_back};
use model::{Model, patch};

/// A runner whose cases are the same in every run.
pub(super) fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        // Each is a database.
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Schemas.
pub(super) fn schema() -> impl Strategy<Value = Model> {
    model::model()
}

/// A schema, and the same with parts that were added, changed and dropped.
pub(super) fn pair() -> impl Strategy<Value = (Model, Model)> {
    (model::model(), patch()).prop_map(|(model, patch)| {
        let related = model.with(&patch);
        (model, related)
    })
}

#[test]
fn loaded_again_they_are_what_they_were() {
    let runtime = runtime();
    runtime.block_on(create_roles());
    let result = runner(24).run(&pair(), |(one, other)| {
        for model in [one, other] {
            let case = Case {
                name: "random".to_owned(),
                sql: model.sql(),
                witnessed: true,
            };
            let shown = case.sql.clone();
            let kept = Mutex::new(BTreeMap::new());
            if let Some(wrong) = runtime.block_on(check(case, &kept)) {
                return Err(TestCaseError::fail(format!("{wrong}\nof\n{shown}")));
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Up to what is related and down again.
#[test]
fn pairs_go_up_and_down() {
    let runtime = runtime();
    runtime.block_on(create_roles());
    let result = runner(36).run(&pair(), |(one, other)| {
        let (old, new) = (one.sql(), other.sql());
        let proven = runtime.block_on(async {
            let (from, to) = (End::of(&old).await, End::of(&new).await);
            there_and_back(&old, &from, &to).await
        });
        proven.map_err(|error| TestCaseError::fail(format!("{error}\nfrom\n{old}\nto\n{new}")))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// What they are made of is in them, and pairs are related.
#[test]
fn they_are_many_and_related() {
    let mut runner = runner(1);
    let mut all = String::new();
    let (mut shared, mut lines) = (0, 0);
    for _ in 0..60 {
        let (one, other) = pair().new_tree(&mut runner).unwrap().current();
        let (one, other) = (one.sql(), other.sql());
        lines += one.lines().count();
        shared += one
            .lines()
            .filter(|line| other.lines().any(|there| there == *line))
            .count();
        assert_ne!(one, other);
        all.push_str(&one);
        all.push_str(&other);
    }
    for word in [
        "as enum",
        "create domain",
        "create function",
        "plpgsql",
        "create table",
        "identity",
        "serial",
        "default",
        "generated always as (",
        "not null",
        "unique",
        "check (",
        "references",
        "on delete",
        "deferrable",
        "create index",
        "where",
        "create view",
        "security_invoker",
        "create materialized view",
        "create trigger",
        "create policy",
        "force row level security",
        "grant",
        "with grant option",
        "comment on",
        "[]",
        "disable trigger",
        "revoke",
    ] {
        assert!(all.contains(word), "{word}");
    }
    assert!(shared * 2 > lines, "{shared} of {lines}");
    assert!(shared < lines, "{shared} of {lines}");
    let text = || {
        schema()
            .new_tree(&mut self::runner(1))
            .unwrap()
            .current()
            .sql()
    };
    assert_eq!(text(), text());
}
