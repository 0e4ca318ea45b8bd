//! `rls explain`: why somebody reaches a row, or does not.

use serde_json::Value;

use super::transcript::Transcript;
use crate::grace::setup::{ROLES_SQL, Setup};

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

const QUESTIONS: [&str; 36] = [
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
    "carl notes --command insert --set body=x --returning",
    "carl entries --command insert --set body=x",
    "carl entries --command insert --set body=x --returning",
    "carl entries --command delete --returning",
    "carl entries --command update --set body=''",
    "carl entries --command update --set body=other",
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
        ("carl", "notes --row status=draft"),
        ("carl", "notes --row 5 --command update --set deleted=true"),
        (
            "carl",
            "notes --row 5 --command update --set status=published",
        ),
        ("carl", "notes --row 5 --command delete"),
        ("carl", "notes --command insert --set body=x,owner_id=olga"),
        ("carl", "notes --command insert --set owner_id=carl"),
        ("carl", "entries --command insert --set body=x --returning"),
        ("carl", "failing"),
        ("carl", "failing --command insert"),
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

/// What everybody gets to know does not depend on who asks for them, and how.
#[tokio::test]
async fn the_owner_and_a_copy_say_the_same() {
    let (t, owned) = (project().await, project_of_owner().await);
    let by_superuser = answers(&t, &QUESTIONS);
    assert_eq!(answers(&owned, &QUESTIONS), by_superuser);
    let place = |t: &Transcript| explained(t, "carl notes --row 2")["gates"][0]["asked_on"].clone();
    assert_eq!(place(&owned), serde_json::json!({"place": "table"}));

    // Where policies bind the owner too, they are as easily taken away.
    let force = |word: &str| format!("alter table notes {word} row level security");
    owned.database().run(&force("force")).await;
    assert_eq!(answers(&owned, &QUESTIONS), by_superuser);
    owned.database().run(&force("no force")).await;

    // Somebody who neither owns the table nor reads it: the command itself says.
    let reader = format!("{}_owner", owned.database().name());
    owned
        .database()
        .run("alter table notes owner to postgres")
        .await;
    assert_eq!(
        answers(&owned, &["carl notes --row 2", "carl notes --row 1"]),
        "carl notes --row 2\n  yes by attempt (the command tells nothing)\n\
         carl notes --row 1\n  no by attempt (the command tells nothing)"
    );

    // Somebody who only reads past the policies.
    owned
        .database()
        .run(&format!(
            "alter role {reader} noinherit bypassrls;
             revoke anon, authenticated, service_role from {reader};
             grant anon, authenticated, service_role to {reader};
             grant select on notes to {reader}"
        ))
        .await;
    let copied = serde_json::json!({"place": "copy", "why": {"reason": "not-owner"}});
    assert_eq!(place(&owned), copied);
    assert_eq!(
        answers(&owned, &QUESTIONS[..13]),
        answers(&t, &QUESTIONS[..13])
    );

    // Where people rely on the database, nothing is written, and the answers stay.
    let settings = t.project.read("grace-migrate.toml");
    let settings = settings.replace("# production = true", "production = true");
    t.project.write("grace-migrate.toml", settings.clone());
    let copied = serde_json::json!({"place": "copy", "why": {"reason": "production"}});
    assert_eq!(place(&t), copied);
    let told = answers(&t, &QUESTIONS);
    let said = |text: &str| text.replace(" (the command tells nothing)", "");
    assert_eq!(said(&told), said(&by_superuser));
    assert!(told.contains(
        "carl notes --row 5 --command update\n  yes 1/1 by permissive reach: changed (the"
    ));
    owned.project.write("grace-migrate.toml", settings);
    let told = owned.project.grace([
        "rls",
        "explain",
        "--as",
        "carl",
        "--table",
        "notes",
        "--fixtures",
    ]);
    assert!(told.stderr.starts_with("error[production]"), "{told}");
}

#[tokio::test]
async fn nothing_is_left() {
    let t = project_of_owner().await;
    let state = "select md5(string_agg(c::text, '' order by c::text)) from (
         select p::text from pg_policy p union all select c::text from pg_class c
          where c.relnamespace = 'public'::regnamespace
          union all select n::text from notes n union all select m::text from members m
          union all select relname from pg_class where relpersistence = 't') c (c)";
    let before = t.database().query(state).await;
    for question in QUESTIONS {
        explained(&t, question);
    }
    assert_eq!(t.database().query(state).await, before);
}

/// A table that somebody else works with is not waited for: a copy does.
#[tokio::test]
async fn a_table_that_is_in_use() {
    let t = project().await;
    let settings = t.project.read("grace-migrate.toml");
    t.project.write(
        "grace-migrate.toml",
        settings.replace("lock-timeout = \"3s\"", "lock-timeout = \"50ms\""),
    );
    t.database()
        .run("begin; lock table notes in row exclusive mode")
        .await;
    let report = explained(&t, "carl notes --row 2");
    t.database().run("rollback").await;
    assert_eq!(report["gates"][0]["asked_on"]["why"]["reason"], "refused");
    assert_eq!(answer(&report), "yes 1/1 by permissive read: own");
}

#[tokio::test]
async fn policies_that_fail_and_are_for_others() {
    let t = project().await;
    t.database()
        .run(
            "create table secret (user_id text);
             create table guarded (id int primary key);
             alter table guarded enable row level security, force row level security;
             grant select, update on guarded to authenticated;
             create policy asks on guarded for select to authenticated
                 using (exists (select from secret s where s.user_id = (select auth.uid())));
             create policy staff on guarded for select to service_role using (true);
             create policy empty on guarded for update to authenticated;
             insert into guarded values (1);
             create table bare (id int);
             alter table bare enable row level security;
             grant all on bare to authenticated;",
        )
        .await;
    let report = explained(&t, "carl guarded --row 1");
    let expected = "permission denied for table secret";
    assert_eq!(answer(&report), "no 0/1 by error read");
    assert_eq!(report["gates"][0]["error"], expected);
    assert_eq!(report["attempted"]["message"], expected);
    assert_eq!(report["gates"][0]["for_others"][0]["name"], "staff");
    t.database()
        .run("grant select on secret to authenticated")
        .await;
    assert_eq!(
        answer(&explained(&t, "carl guarded --row 1")),
        "no 0/1 by permissive read: asks"
    );
    t.database().run("insert into secret values ('carl')").await;
    assert_eq!(
        answers(
            &t,
            &[
                "carl guarded --row 1",
                "carl guarded --command update --set id=2",
                "carl bare"
            ]
        ),
        "carl guarded --row 1\n  yes 1/1 by permissive read: asks\n\
         carl guarded --command update --set id=2\n  no 0/1 by permissive reach: empty\n\
         carl bare\n  no-such-row null/0 by row"
    );
}

/// What a trigger does, and what else the command needs, is not in the policies: the command itself
/// tells.
#[tokio::test]
async fn what_policies_do_not_tell() {
    let mut t = project().await;
    t.database()
        .run(
            "create function publish() returns trigger language plpgsql as
                 $$ begin new.status := 'published'; return new; end $$;
             create trigger publish before update on notes for each row execute function publish();
             create table counted (id serial, owner_id text);
             alter table counted enable row level security;
             grant insert on counted to authenticated;
             create policy own on counted for insert to authenticated
                 with check (owner_id = (select auth.uid()));",
        )
        .await;
    let otherwise = |question: &str| {
        let report = explained(&t, question);
        assert_eq!(
            answer(&report).split_once("by ").unwrap().1,
            "attempt BUT the command says otherwise"
        );
        assert_eq!(report["answer"]["verdict"], "no", "{question}");
        report["attempted"]["message"].clone()
    };
    assert_eq!(
        otherwise("carl notes --row 5 --command update"),
        "new row violates row-level security policy for table \"notes\""
    );
    let question = "carl counted --command insert --set owner_id=carl";
    assert_eq!(
        otherwise(question),
        "permission denied for sequence counted_id_seq"
    );
    let words = format!(
        "rls explain --as {}",
        question.replacen(' ', " --table ", 1)
    );
    let told = t.words(&words).stdout;
    assert!(
        told.contains(
            "no: carl does not insert the new row, as the command itself says\nwarning: "
        ),
        "{told}"
    );
    t.database()
        .run("grant usage on sequence counted_id_seq to authenticated")
        .await;
    assert_eq!(
        answer(&explained(&t, question)),
        "yes by permissive write: own"
    );
}

#[tokio::test]
async fn what_a_policy_costs() {
    let t = project().await;
    let cost = &explained(&t, "carl notes --row 2")["cost"];
    assert_eq!(cost["scans"][0]["relation"], "public.members");
    assert!(cost["with_policies"].as_f64() > cost["without_policies"].as_f64());
    // The same question with an index and once a statement: no scan is a policy's.
    t.database()
        .run(
            "create index on members (user_id);
             set enable_seqscan = off;
             alter policy own on notes using (owner_id = (select auth.uid()));",
        )
        .await;
    let cost = &explained(&t, "carl notes --row 2")["cost"];
    assert_eq!(cost["scans"], serde_json::json!([]));
    t.database()
        .run(
            "alter policy own on notes using (exists (
                 select from members m where m.note = notes.body || (select auth.uid())))",
        )
        .await;
    let cost = &explained(&t, "carl notes")["cost"];
    assert_eq!(cost["scans"][0]["relation"], "public.members");
    let runs = cost["sub_plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| &plan["runs"]);
    assert!(runs.clone().any(|runs| runs == "each-row"), "{cost:#}");
}

/// Rows that are made for the occasion.
#[tokio::test]
async fn fixtures() {
    let mut t = project().await;
    t.database().run("delete from notes").await;
    assert_eq!(
        answer(&explained(&t, "olga notes")),
        "no-such-row null/0 by row"
    );
    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into public.notes (owner_id, body) values ('olga', 'made');",
    );
    let words = "rls explain --as olga --table notes --fixtures --format json";
    assert_eq!(
        answer(&t.words(words).json()),
        "yes 1/1 by permissive read: own"
    );
    assert_eq!(t.database().query("select count(*) from notes").await, "0");
}

#[tokio::test]
async fn what_cannot_be_explained() {
    let mut t = project().await;
    let explain = |rest: &str| format!("rls explain {rest}");
    for rest in [
        "--as karl --table notes",
        "--as carl --table note",
        "--as carl --table nowhere.notes",
        "--as carl --table seen",
        "--as carl --table notes --row x",
        "--as carl --table notes --row idd=7",
        "--as carl --table notes --row 1,2",
        "--as carl --table notes --row 1,",
        "--as carl --table events_2020 --row 1",
        "--as carl --table notes --row 1 --command insert",
        "--as carl --table notes --set body=x",
        "--as carl --table notes --returning",
        "--as carl --table notes --command update --set body",
        "--role nobody_has_this_role --table notes",
        "--role anon --claims [] --table notes",
        "--table notes",
        "--as carl --table notes --fixtures",
    ] {
        assert_eq!(t.run_words(&explain(rest)).code, Some(2), "{rest}");
    }
    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into notes values (1);\n\ncommit;",
    );
    t.run_words(&explain("--as carl --table notes --fixtures"));
    t.project.write(
        "tests/rls/fixtures.sql",
        "select 1;\ninsert into nowhere values (1);",
    );
    t.run_words(&explain("--as carl --table notes --fixtures"));
    t.note("where people rely on the database");
    let settings = t.project.read("grace-migrate.toml");
    t.project.write(
        "grace-migrate.toml",
        settings.replace("# production = true", "production = true"),
    );
    t.run_words(&explain("--as carl --table notes --fixtures"));
    t.note("as a role that may become nobody");
    let role = t.database().create_owner().await;
    let url = t.database().url_as(&role);
    t.project.env("DATABASE_URL", url);
    t.run_words(&explain("--as carl --table notes"));
    t.check("rls_explain_errors");
}

#[tokio::test]
async fn somebody_who_is_in_no_file() {
    let mut t = project().await;
    let claims = r#"{"sub":"stan"}"#;
    let words = [
        "rls",
        "explain",
        "--role",
        "authenticated",
        "--claims",
        claims,
        "--table",
        "public.notes",
    ];
    let told = t.project.grace(words).success().stdout;
    assert!(
        told.starts_with("authenticated, sub stan: select on public.notes, every row"),
        "{told}"
    );
    assert!(
        told.contains("in part: authenticated sees 1 of 5 rows: own and pinned say yes")
            || told.contains("in part: authenticated sees 1 of 5 rows: pinned says yes"),
        "{told}"
    );
    t.words("rls explain --role anon --table notes");
}

/// GRACE, as each of those who may migrate it.
#[tokio::test]
async fn grace_is_explained() {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grace-migrate.toml");
    let id = |n: u8| format!("00000000-0000-4000-8000-00000000000{n}");
    let mut told = String::new();
    for setup in Setup::ALL {
        let grace = setup.people().await;
        let mut t = Transcript::empty();
        t.project.env("DATABASE_URL", grace.migrator_url());
        let mut answers = String::new();
        for (sub, question) in [
            (1, format!("sessions --row {}", id(1))),
            (2, format!("sessions --row {}", id(1))),
            (2, format!("notes --row session_id={}", id(1))),
            (3, format!("sessions --row {}", id(1))),
            (5, format!("sessions --row {}", id(1))),
            (2, "sessions".to_owned()),
            (
                2,
                format!(
                    "session_topics --row {},00000000-0000-4000-8000-0000000000b1",
                    id(1)
                ),
            ),
            (
                1,
                format!(
                    "profiles --row {} --command update --set full_name=O",
                    id(1)
                ),
            ),
            (
                2,
                format!(
                    "profiles --row {} --command update --set full_name=O",
                    id(1)
                ),
            ),
            (
                1,
                format!("profiles --row {} --command update --set email=O", id(1)),
            ),
            (
                1,
                format!(
                    "sessions --command insert --set title=T,profile_id={}",
                    id(1)
                ),
            ),
            (
                1,
                format!(
                    "sessions --command insert --set title=T,profile_id={}",
                    id(2)
                ),
            ),
        ] {
            let claims = format!(r#"{{"sub":"{}"}}"#, id(sub));
            let mut words = vec![
                "rls",
                "explain",
                "--role",
                "authenticated",
                "--claims",
                &claims,
            ];
            words.extend([
                "--config",
                config.to_str().unwrap(),
                "--format",
                "json",
                "--table",
            ]);
            words.extend(question.split(' '));
            let report = t.project.grace(words).success().json();
            answers.push_str(&format!("{sub} {question}\n  {}\n", answer(&report)));
            for one in report["answer"]["conditions"].as_array().unwrap() {
                answers.push_str(&format!(
                    "    {}: {}\n",
                    one["sql"].as_str().unwrap(),
                    one["truth"]
                ));
            }
        }
        if told.is_empty() {
            told = answers;
        } else {
            assert_eq!(answers, told, "{setup:?}");
        }
    }
    insta::assert_snapshot!("grace_is_explained", told);
}
