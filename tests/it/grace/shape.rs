//! What the revisions leave in the catalogues: the same schema each time, and nothing behind.

use std::process::Command;

use super::actors::{ACTIVE, OWN};
use super::setup::{Grace, RLS, SCHEMA, Setup, message};
use crate::support::binaries;

/// The schema as pg_dump writes it, without the random words of its newer versions.
fn dump(grace: &Grace) -> String {
    let pg_dump = binaries()
        .tool("pg_dump")
        .expect("pg_dump beside the server");
    let output = Command::new(pg_dump)
        .args(["--schema-only", "--dbname", &grace.db.url()])
        .output()
        .expect("pg_dump runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().filter(|line| !line.contains("restrict "));
    lines.map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn up_down_up_is_the_same_schema() {
    for setup in Setup::ALL {
        let grace = setup.empty().await;
        let nothing = dump(&grace);
        grace.up(&SCHEMA).await.unwrap();
        let schema = dump(&grace);
        grace.up(&RLS).await.unwrap();
        let policies = dump(&grace);
        assert!(nothing != schema && schema != policies);

        grace.down(&RLS).await.unwrap();
        assert!(
            dump(&grace) == schema,
            "{setup:?}: the policies left something behind"
        );
        grace.up(&RLS).await.unwrap();
        assert!(
            dump(&grace) == policies,
            "{setup:?}: the policies are not what they were"
        );

        grace.down(&RLS).await.unwrap();
        grace.down(&SCHEMA).await.unwrap();
        assert!(
            dump(&grace) == nothing,
            "{setup:?}: the schema left something behind"
        );
        grace.up(&SCHEMA).await.unwrap();
        grace.up(&RLS).await.unwrap();
        assert!(
            dump(&grace) == policies,
            "{setup:?}: the second time is not like the first"
        );
    }
}

/// The same schema in every set-up, but for who owns it and what is not ours.
#[tokio::test]
async fn tables_are_the_same_in_every_set_up() {
    let described = "
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid)
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         where c.relnamespace = 'public'::regnamespace
         order by 1, a.attnum";
    let mut first = None;
    for setup in Setup::ALL {
        let columns = setup.migrated().await.db.query(described).await;
        assert_eq!(
            &columns,
            first.get_or_insert_with(|| columns.clone()),
            "{setup:?}"
        );
    }
}

/// The verify scripts see what an up script that was edited would leave open.
#[tokio::test]
async fn verify_notices() {
    let grace = Setup::Owner.migrated().await;
    for (tampering, noticed) in [
        (
            "alter table public.notes disable row level security",
            "row-level security is off on notes",
        ),
        (
            "grant select on public.notes to anon",
            "too much anon SELECT on notes",
        ),
        (
            "grant truncate on public.notes to authenticated",
            "too much authenticated TRUNCATE on notes",
        ),
        (
            "grant update (email) on public.profiles to authenticated",
            "email, full_name",
        ),
        (
            "grant select (id) on public.topics to public",
            "too much PUBLIC SELECT on topics (id)",
        ),
        (
            "revoke delete on public.notes from authenticated",
            "missing authenticated DELETE on notes",
        ),
        (
            "drop policy notes_select on public.notes",
            "authenticated may SELECT notes: 0 policies",
        ),
        (
            "drop policy notes_service on public.notes",
            "service_role may UPDATE notes: 0 policies",
        ),
        (
            "create policy anybody on public.notes using (true)",
            "anon may SELECT notes: 1 policies",
        ),
        (
            "drop policy notes_update on public.notes;
             create policy notes_update on public.notes for update to authenticated using (true)",
            "a condition is missing: notes_update",
        ),
    ] {
        let migrator = grace.migrator().await;
        migrator.batch_execute("begin").await.unwrap();
        migrator.batch_execute(tampering).await.unwrap();
        let error = migrator
            .batch_execute(RLS.verify)
            .await
            .expect_err(tampering);
        assert!(
            message(&error).contains(noticed),
            "{tampering}: {}",
            message(&error)
        );
    }

    let grace = Setup::Owner.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    for (tampering, noticed) in [
        (
            "alter table public.notes disable row level security",
            "row-level security is off on notes",
        ),
        (
            "grant select (id) on public.notes to public",
            "anon on notes",
        ),
        (
            "grant truncate on public.notes to authenticated",
            "authenticated on notes",
        ),
        (
            "grant select on public.notes to service_role",
            "service_role on notes",
        ),
        (
            "drop index public.session_topics_topic_id_idx",
            "session_topics_topic_id_fkey",
        ),
    ] {
        let migrator = grace.migrator().await;
        migrator.batch_execute("begin").await.unwrap();
        migrator.batch_execute(tampering).await.unwrap();
        let error = migrator
            .batch_execute(SCHEMA.verify)
            .await
            .expect_err(tampering);
        assert!(
            message(&error).contains(noticed),
            "{tampering}: {}",
            message(&error)
        );
    }
}

/// No policy makes a sequential scan necessary: with these off, none is left.
#[tokio::test]
async fn every_policy_can_be_answered_by_indexes() {
    let grace = Setup::Owner.populated().await;
    let mut client = grace.login().await;
    for actor in [OWN, ACTIVE] {
        let tx = actor.begin(&mut client).await;
        tx.batch_execute("set local enable_seqscan = off")
            .await
            .unwrap();
        for table in [
            "profiles",
            "caregiver_relations",
            "sessions",
            "chat_turns",
            "notes",
            "medications",
            "session_activities",
            "session_topics",
        ] {
            for statement in [
                format!("select * from public.{table}"),
                format!("delete from public.{table}"),
            ] {
                if table == "profiles" && statement.starts_with("delete") {
                    continue;
                }
                let plan = tx
                    .query(&format!("explain (costs off) {statement}"), &[])
                    .await
                    .unwrap();
                let plan: Vec<&str> = plan.iter().map(|row| row.get(0)).collect();
                let plan = plan.join("\n");
                assert!(
                    !plan.contains("Seq Scan")
                        && plan.contains("Index Cond")
                        && plan.contains("InitPlan"),
                    "{statement}\n{plan}"
                );
            }
        }
    }
}
