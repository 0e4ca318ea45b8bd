//! Ways around the policies, each tried.

use tokio_postgres::error::SqlState;

use super::actors::{
    ACTIVE, ANON, Actor, CARL, NO_SUB, NORA, OLGA, OWN, Outcome, PENDING, REVOKED, SERVICE, STAN,
    STRANGER, attempt, attempt_as, claim,
};
use super::setup::Setup;
use Outcome::{Refused, Rows};

/// What is tried, by whom, and what comes of it.
const TRAPS: &[(&str, Actor, &str, Outcome)] = &[
    ("a caregiver makes a pending relation active", PENDING,
        "update public.caregiver_relations set status = 'active'", Rows(0)),
    ("a caregiver takes back a revocation", REVOKED,
        "update public.caregiver_relations set status = 'active'", Rows(0)),
    ("a caregiver revokes instead of ending", ACTIVE,
        "update public.caregiver_relations set status = 'revoked'", Rows(0)),
    ("a stranger appoints himself", STRANGER,
        "insert into public.caregiver_relations (caregiver_id, profile_id, status)
         values (auth.uid(), '00000000-0000-4000-8000-000000000001', 'active')", Refused),
    ("a caregiver appoints another", ACTIVE,
        "insert into public.caregiver_relations (caregiver_id, profile_id)
         values ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000001')",
        Refused),
    ("the managed person swaps the caregiver of a relation", OWN,
        "update public.caregiver_relations set caregiver_id = '00000000-0000-4000-8000-000000000006'",
        Refused),
    ("the managed person gives a relation away", OWN,
        "update public.caregiver_relations set profile_id = '00000000-0000-4000-8000-000000000005'",
        Refused),
    ("the managed person changes a status", OWN,
        "update public.caregiver_relations set status = 'active' where status = 'pending'", Rows(1)),
    ("the managed person ends an active relation", OWN,
        "delete from public.caregiver_relations where status = 'active'", Rows(1)),
    ("a caregiver ends the relation", ACTIVE, "delete from public.caregiver_relations", Rows(1)),
    ("the service changes a status", SERVICE,
        "update public.caregiver_relations set status = 'active' where status = 'pending'", Rows(1)),

    ("a user changes the id", OWN,
        "update public.profiles set id = '00000000-0000-4000-8000-000000000007'", Refused),
    ("a user changes the email", OWN,
        "update public.profiles set email = 'other@example.org'", Refused),
    ("a user changes the email beside a personal column", OWN,
        "update public.profiles set full_name = 'Olga', email = 'other@example.org'", Refused),
    ("a user sets created_at", OWN, "update public.profiles set created_at = now()", Refused),
    ("a user sets updated_at", OWN, "update public.profiles set updated_at = now()", Refused),
    ("a user updates every personal column", OWN,
        "update public.profiles set full_name = 'O.', phone = '+49 30 1234', birth_date = '1940-05-01',
         locale = 'de-DE', time_zone = 'Europe/Berlin', preferences = '{\"font\": \"large\"}'", Rows(1)),
    ("a user makes a profile", NO_SUB,
        "insert into public.profiles (id, email)
         values ('00000000-0000-4000-8000-000000000007', 'new@example.org')", Refused),
    ("a caregiver updates the managed profile", ACTIVE,
        "update public.profiles set full_name = 'Mine' where full_name = 'Olga'", Rows(0)),
    ("the managed person views the caregiver's profile", OWN,
        "select from public.profiles where full_name = 'Carl'", Rows(0)),

    ("a session moves to another profile", OWN,
        "update public.sessions set profile_id = '00000000-0000-4000-8000-000000000005'", Refused),
    ("a session is made for the managed person", ACTIVE,
        "insert into public.sessions (profile_id) values ('00000000-0000-4000-8000-000000000001')",
        Refused),
    ("a medication moves to another profile", OWN,
        "update public.medications set profile_id = '00000000-0000-4000-8000-000000000005'", Refused),
    ("a chat turn moves to another session", OWN,
        "update public.chat_turns set session_id = '00000000-0000-4000-8000-000000000005'", Refused),
    ("a chat turn is put into another's session", STRANGER,
        "insert into public.chat_turns (session_id, content)
         values ('00000000-0000-4000-8000-000000000001', 'Hi')", Refused),
    ("a note moves to another session", OWN,
        "update public.notes set session_id = '00000000-0000-4000-8000-000000000005'", Refused),
    ("a join moves to another session", OWN,
        "update public.session_topics set session_id = '00000000-0000-4000-8000-000000000005'", Refused),
    ("an upsert reaches another's row", STRANGER,
        "insert into public.sessions (id, title) values ('00000000-0000-4000-8000-000000000001', 'Mine')
         on conflict (id) do update set title = 'Mine'", Refused),
    ("a lock is taken on another's row", ACTIVE,
        "select from public.sessions where profile_id <> auth.uid() for update", Rows(0)),
    ("anon asks whether somebody is there", ANON,
        "select from public.profiles where email = 'olga@example.org'", Refused),
];

#[tokio::test]
async fn traps() {
    for setup in Setup::ALL {
        let grace = setup.populated().await;
        for (what, actor, statement, expected) in TRAPS {
            let outcome = attempt_as(&grace, actor, statement).await;
            assert_eq!(outcome, *expected, "{setup:?}: {what}");
        }
    }
}

/// The policies' own conditions hold where a careless grant opens every column.
#[tokio::test]
async fn rows_cannot_move_even_with_a_grant_on_every_column() {
    let grace = Setup::Owner.populated().await;
    grace
        .migrate("grant update on all tables in schema public to authenticated")
        .await;
    for (table, column) in [
        ("profiles", "id"),
        ("caregiver_relations", "profile_id"),
        ("sessions", "profile_id"),
        ("medications", "profile_id"),
        ("chat_turns", "session_id"),
        ("notes", "session_id"),
        ("session_activities", "session_id"),
        ("session_topics", "session_id"),
    ] {
        let statement = format!("update public.{table} set {column} = '{STAN}'");
        assert_eq!(
            attempt_as(&grace, &OWN, &statement).await,
            Refused,
            "{table}"
        );
    }
}

#[tokio::test]
async fn claims_without_a_user_see_nothing() {
    for setup in Setup::ALL {
        let grace = setup.populated().await;
        let mut client = grace.login().await;
        for claims in ["", "{}", r#"{"sub":null}"#, r#"{"role":"authenticated"}"#] {
            let mut tx = client.transaction().await.unwrap();
            claim(&tx, "authenticated", claims).await;
            for table in [
                "profiles",
                "sessions",
                "chat_turns",
                "medications",
                "activities",
            ] {
                let seen = attempt(&mut tx, &format!("select from public.{table}")).await;
                assert_eq!(seen, Rows(0), "{setup:?}: {table} with claims {claims:?}");
            }
        }
        let tx = client.transaction().await.unwrap();
        tx.batch_execute("set local role authenticated")
            .await
            .unwrap();
        let seen = tx
            .execute("select from public.profiles", &[])
            .await
            .unwrap();
        assert_eq!(seen, 0, "{setup:?}: no claims at all");
    }
}

#[tokio::test]
async fn claims_that_cannot_be_read_are_an_error() {
    let grace = Setup::Superuser.populated().await;
    let mut client = grace.login().await;
    for claims in ["nonsense", r#"{"sub":"olga"}"#, r#"{"sub":"' or true --"}"#] {
        let tx = client.transaction().await.unwrap();
        claim(&tx, "authenticated", claims).await;
        let error = tx
            .query("select from public.profiles", &[])
            .await
            .unwrap_err();
        assert_eq!(
            error.code(),
            Some(&SqlState::INVALID_TEXT_REPRESENTATION),
            "{claims}"
        );
    }
}

/// Our own `auth.uid()` reads the claims only: a setting that older software left behind says
/// nothing.
#[tokio::test]
async fn a_stale_legacy_claim_says_nothing() {
    let grace = Setup::Owner.populated().await;
    let mut client = grace.login().await;
    let tx = STRANGER.begin(&mut client).await;
    tx.batch_execute(&format!("set local \"request.jwt.claim.sub\" = '{OLGA}'"))
        .await
        .unwrap();
    let row = tx
        .query_one("select full_name from public.profiles", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "Stan");
}

#[tokio::test]
async fn a_relation_lives_and_ends() {
    let grace = Setup::Owner.populated().await;
    let nora = Actor::user("nora", NORA);
    let mut client = grace.login().await;
    let mut tx = client.transaction().await.unwrap();
    let olgas_notes = format!("select from public.notes where session_id = '{OLGA}'");

    for (who, statement, then_seen) in [
        (
            OWN,
            format!("insert into public.caregiver_relations (caregiver_id) values ('{NORA}')"),
            0,
        ),
        (
            OWN,
            format!(
                "update public.caregiver_relations set status = 'active' where caregiver_id = '{NORA}'"
            ),
            1,
        ),
        (
            OWN,
            format!(
                "update public.caregiver_relations set status = 'revoked' where caregiver_id = '{NORA}'"
            ),
            0,
        ),
        (
            OWN,
            format!(
                "update public.caregiver_relations set status = 'active' where caregiver_id = '{NORA}'"
            ),
            1,
        ),
        (nora, "delete from public.caregiver_relations".to_owned(), 0),
        (
            OWN,
            format!("insert into public.caregiver_relations (caregiver_id) values ('{NORA}')"),
            0,
        ),
    ] {
        who.take_over(&tx).await;
        assert_eq!(tx.execute(&statement, &[]).await.unwrap(), 1, "{statement}");
        nora.take_over(&tx).await;
        assert_eq!(
            attempt(&mut tx, &olgas_notes).await,
            Rows(then_seen),
            "after {statement}"
        );
    }
}

/// An insert needs what a person would give, and no more.
#[tokio::test]
async fn defaults_do_the_rest() {
    let grace = Setup::Supabase.populated().await;
    let mut client = grace.login().await;
    let tx = OWN.begin(&mut client).await;
    let session: String = tx
        .query_one(
            "insert into public.sessions default values returning id::text",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    tx.batch_execute(&format!(
        "insert into public.chat_turns (session_id, content) values ('{session}', 'One'), ('{session}', 'Two');
         insert into public.notes (session_id, body) values ('{session}', 'Fine');
         insert into public.medications (name) values ('Honey');
         insert into public.caregiver_relations (caregiver_id) values ('{NORA}')"
    ))
    .await
    .unwrap();
    let row = tx
        .query_one(
            "select s.profile_id::text, t.speaker, m.schedule::text, r.status
               from public.sessions s
               join public.chat_turns t on t.session_id = s.id and t.content = 'One'
               join public.medications m on m.profile_id = s.profile_id and m.name = 'Honey'
               join public.caregiver_relations r on r.profile_id = s.profile_id
              where s.id = $1::text::uuid and r.caregiver_id = $2::text::uuid",
            &[&session, &NORA],
        )
        .await
        .unwrap();
    let values: Vec<String> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(values, [OLGA, "user", "{}", "pending"]);
}

#[tokio::test]
async fn values_that_make_no_sense_are_refused() {
    let grace = Setup::Superuser.populated().await;
    let admin = grace.admin().await;
    for statement in [
        format!(
            "insert into public.caregiver_relations (caregiver_id, profile_id) values ('{OLGA}', '{OLGA}')"
        ),
        "update public.caregiver_relations set status = 'maybe'".to_owned(),
        "update public.sessions set ended_at = started_at - interval '1 second'".to_owned(),
        "update public.chat_turns set speaker = 'narrator'".to_owned(),
        "update public.profiles set email = 'nowhere'".to_owned(),
        "update public.profiles set preferences = '[]'".to_owned(),
        "update public.activities set name = ' '".to_owned(),
    ] {
        let error = admin.batch_execute(&statement).await.expect_err(&statement);
        assert_eq!(
            error.code(),
            Some(&SqlState::CHECK_VIOLATION),
            "{statement}"
        );
    }
    for statement in [
        format!(
            "insert into public.caregiver_relations (caregiver_id, profile_id) values ('{CARL}', '{OLGA}')"
        ),
        "insert into public.topics (name) values ('weather')".to_owned(),
    ] {
        let error = admin.batch_execute(&statement).await.expect_err(&statement);
        assert_eq!(
            error.code(),
            Some(&SqlState::UNIQUE_VIOLATION),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn an_update_of_a_profile_moves_updated_at() {
    let grace = Setup::Owner.populated().await;
    let mut client = grace.login().await;
    let tx = OWN.begin(&mut client).await;
    let moved = tx
        .query_one(
            "with before as (select updated_at from public.profiles)
             update public.profiles p set full_name = 'Olga K.' from before
             returning p.updated_at > before.updated_at and p.updated_at > p.created_at",
            &[],
        )
        .await
        .unwrap();
    assert!(moved.get::<_, bool>(0));
}

/// Data migrations: RLS is not forced, so that an owner who cannot bypass it still reaches all.
#[tokio::test]
async fn whoever_migrates_reaches_every_row() {
    for setup in Setup::ALL {
        let grace = setup.populated().await;
        let migrator = grace.migrator().await;
        migrator
            .batch_execute("set row_security = off")
            .await
            .unwrap();
        let changed = migrator
            .execute("update public.sessions set title = 'Moved'", &[])
            .await;
        assert_eq!(changed.unwrap(), 5, "{setup:?}");
    }
}
