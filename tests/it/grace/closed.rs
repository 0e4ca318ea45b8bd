//! Closed before the policies come, and after they went.

use super::actors::{ACTORS, OWN, Outcome, STRANGER, attempt, attempt_as};
use super::matrix::assert_closed;
use super::setup::{RLS, SCHEMA, Setup, TABLES};

#[tokio::test]
async fn the_schema_alone_is_closed() {
    for setup in Setup::ALL {
        let grace = setup.empty().await;
        grace.up(&SCHEMA).await.unwrap();
        grace.populate().await;
        assert_closed(&grace).await;
    }
}

#[tokio::test]
async fn the_emergency_switch_closes() {
    for setup in Setup::ALL {
        let grace = setup.populated().await;
        grace.down(&RLS).await.unwrap();
        assert_closed(&grace).await;

        grace.up(&RLS).await.unwrap();
        let seen = attempt_as(&grace, &OWN, "select from public.sessions").await;
        assert_eq!(seen, Outcome::Rows(1), "open to its owner again");
    }
}

#[tokio::test]
async fn the_emergency_switch_closes_what_somebody_opened_by_hand() {
    let grace = Setup::Supabase.populated().await;
    grace
        .migrate(
            "alter table public.notes disable row level security;
             grant all on public.notes to public;
             grant select on public.sessions to anon with grant option;
             grant update (email) on public.profiles to authenticated;
             create policy anybody on public.sessions using (true);
             drop policy medications_select on public.medications",
        )
        .await;
    grace
        .db
        .run("set role anon; grant select on public.sessions to authenticated; reset role")
        .await;
    let opened = attempt_as(&grace, &STRANGER, "select from public.notes").await;
    assert_eq!(opened, Outcome::Rows(5));

    grace.down(&RLS).await.unwrap();
    assert_closed(&grace).await;
    let unprotected = "select relname from pg_class
                        where relnamespace = 'public'::regnamespace and relkind = 'r'
                          and not relrowsecurity";
    assert_eq!(grace.db.query(unprotected).await, "");
}

/// As psql would run it without a transaction: whatever stands between two statements is not open.
#[tokio::test]
async fn the_emergency_switch_is_never_open_halfway() {
    let grace = Setup::Superuser.populated().await;
    let migrator = grace.migrator().await;
    let mut client = grace.login().await;
    let statements = RLS.down.split_inclusive(";\n");
    assert!(statements.clone().count() > 50);
    for statement in statements {
        migrator.batch_execute(statement).await.unwrap();
        let mut tx = STRANGER.begin(&mut client).await;
        for table in TABLES
            .into_iter()
            .filter(|table| !["activities", "topics"].contains(table))
        {
            let mine = if table == "caregiver_relations" { 0 } else { 1 };
            let seen = attempt(&mut tx, &format!("select from public.{table}")).await;
            let expected = [Outcome::Refused, Outcome::Rows(mine), Outcome::Rows(0)];
            assert!(
                expected.contains(&seen),
                "{table}: {seen:?} after {statement}"
            );
        }
    }
}

#[tokio::test]
async fn the_login_itself_has_nothing() {
    let grace = Setup::Supabase.populated().await;
    let mut client = grace.login().await;
    let mut tx = client.transaction().await.unwrap();
    for table in TABLES {
        for statement in [
            format!("select from public.{table}"),
            format!("delete from public.{table}"),
            format!("truncate public.{table}"),
        ] {
            assert_eq!(
                attempt(&mut tx, &statement).await,
                Outcome::Refused,
                "{statement}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_can_call_what_the_policies_call() {
    for setup in Setup::ALL {
        let grace = setup.populated().await;
        for actor in &ACTORS {
            for function in [
                "managed_profile_ids",
                "own_session_ids",
                "visible_session_ids",
            ] {
                let call = format!("select grace_private.{function}()");
                let called = attempt_as(&grace, actor, &call).await;
                assert_eq!(
                    called,
                    Outcome::Refused,
                    "{setup:?}: {}, {function}",
                    actor.name
                );
            }
        }
    }
}
