//! `rls explain`: why somebody reaches a row, or does not.

use serde_json::Value;

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;

const TABLES: &str = include_str!("rls/explain.sql");
const ACTORS: &str = include_str!("rls/actors.toml");

/// The tables of `explain.sql`, asked about by a superuser.
async fn project() -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database().run(TABLES).await;
    t.project.write("tests/rls/actors.toml", ACTORS);
    t
}

/// The same, asked about by the owner of the tables, which may become the API's roles.
async fn project_of_owner() -> Transcript {
    let mut t = Transcript::with_database().await;
    let owner = t.database().create_owner().await;
    t.database().run(ROLES_SQL).await;
    t.database()
        .run(&format!(
            "grant anon, authenticated, service_role to {owner}; set role {owner}; {TABLES};
             reset role"
        ))
        .await;
    t.project.write("tests/rls/actors.toml", ACTORS);
    let url = t.database().url_as(&owner);
    t.project.env("DATABASE_URL", url);
    t
}

/// The report about what is asked: `carl notes --row 7`.
fn explained(t: &Transcript, question: &str) -> Value {
    let (actor, rest) = question.split_once(' ').unwrap();
    let words = [
        "rls", "explain", "--format", "json", "--as", actor, "--table",
    ];
    let words = words.into_iter().chain(rest.split(' '));
    let report = t.project.grace(words).success().json();
    assert_eq!(report["schema"], 1);
    report
}

/// `yes 1/1 by permissive: own`, and whether the command itself agrees where that is known.
fn answer(report: &Value) -> String {
    let answer = &report["answer"];
    let by = &answer["decided_by"];
    let mut text = format!("{} ", answer["verdict"].as_str().unwrap());
    if !answer["of"].is_null() {
        text.push_str(&format!("{}/{} ", answer["reached"], answer["of"]));
    }
    text.push_str(&format!("by {}", by["link"].as_str().unwrap()));
    for key in ["gate", "why", "privilege"] {
        if let Some(word) = by[key].as_str() {
            text.push_str(&format!(" {word}"));
        }
    }
    if let Some(policies) = by["policies"].as_array() {
        let names: Vec<&str> = policies.iter().map(|one| one.as_str().unwrap()).collect();
        text.push_str(&format!(": {}", names.join(", ")));
    }
    match answer["agrees"].as_bool() {
        Some(true) => {}
        Some(false) => text.push_str(" BUT the command says otherwise"),
        None => text.push_str(" (the command tells nothing)"),
    }
    text
}

/// Questions, each with its answer.
fn answers(t: &Transcript, questions: &[&str]) -> String {
    let told = |question: &&str| format!("{question}\n  {}", answer(&explained(t, question)));
    questions.iter().map(told).collect::<Vec<_>>().join("\n")
}

const QUESTIONS: [&str; 30] = [
    "olga notes",
    "olga notes --row 1",
    "carl notes",
    "carl notes --row 1",
    "carl notes --row 2",
    "carl notes --row 3",
    "carl notes --row 4",
    "carl notes --row 77",
    "stranger notes --row 1",
    "service notes --row 1",
    "stranger open",
    "service open",
    "olga members --row 2,olga",
    "carl members --row user_id=olga,team_id=2",
    "olga events",
    "olga events_2020",
    "carl notes --row 5 --command update",
    "carl notes --row 5 --command update --set status=published",
    "carl notes --row 5 --command update --set deleted=true",
    "carl notes --row 5 --command update --set owner_id=olga",
    "carl notes --row 2 --command update",
    "carl notes --command update",
    "service notes --command update --set body=new",
    "carl notes --row 5 --command delete",
    "stranger notes --command delete",
    "olga members --command delete",
    "carl notes --command insert --set body=x",
    "carl notes --command insert --set body=x,owner_id=olga",
    "carl notes --command insert --set owner_id=carl",
    "stranger notes --command insert --set body=x",
];

#[tokio::test]
async fn what_decides() {
    let t = project().await;
    insta::assert_snapshot!("what_decides", answers(&t, &QUESTIONS));
}

/// The chain as text, costs taken out.
#[tokio::test]
async fn as_it_is_told() {
    let mut t = project().await;
    for (actor, question) in [
        ("carl", "notes --row 1"),
        ("carl", "notes --row 2"),
        ("carl", "notes --row 4"),
        ("carl", "notes"),
        ("carl", "notes --row 77"),
        ("stranger", "notes --row 1"),
        ("service", "notes"),
        ("olga", "events_2020"),
        ("carl", "notes --row 5 --command update --set deleted=true"),
        (
            "carl",
            "notes --row 5 --command update --set status=published",
        ),
        ("carl", "notes --row 5 --command delete"),
        ("carl", "notes --command insert --set body=x,owner_id=olga"),
        ("carl", "notes --command insert --set owner_id=carl"),
    ] {
        t.words(&format!("rls explain --as {actor} --table {question}"));
    }
    t.ok([
        "rls", "explain", "--as", "carl", "--table", "notes", "--row", "2", "--format", "json",
    ]);
    t.check_with(
        "rls_explain",
        &[
            (r"\d+\.\d\d (with|without)\b", "[cost] $1"),
            (
                r#"("(total_cost|with_policies|without_policies)": )[\d.]+"#,
                "$1[cost]",
            ),
        ],
    );
}
