//! What the revisions leave in the catalogues: the same schema each time, and nothing behind.

use std::process::Command;

use grace_migrate::revision::{ScriptKind, parse_header, parse_settings};

use super::actors::{ACTIVE, OWN};
use super::setup::{Grace, RLS, SCHEMA, Setup, message};
use crate::support::binaries;

/// All that there is: by the catalogues, and by pg_dump where it came with the server.
async fn shape(grace: &Grace) -> String {
    let mut text = grace.db.query(include_str!("catalogue.sql")).await;
    if let Some(pg_dump) = binaries().tool("pg_dump") {
        let output = Command::new(pg_dump)
            .args(["--schema-only", "--dbname", &grace.db.url()])
            .output()
            .expect("pg_dump runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        let dump = String::from_utf8(output.stdout).expect("UTF-8");
        // Its newer versions write a random word into these.
        for line in dump.lines().filter(|line| !line.contains("restrict ")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[tokio::test]
async fn up_down_up_is_the_same_schema() {
    for setup in Setup::ALL {
        let grace = setup.empty().await;
        let nothing = shape(&grace).await;
        grace.up(&SCHEMA).await.unwrap();
        let schema = shape(&grace).await;
        grace.up(&RLS).await.unwrap();
        let policies = shape(&grace).await;
        assert!(nothing != schema && schema != policies);

        grace.down(&RLS).await.unwrap();
        assert!(
            shape(&grace).await == schema,
            "{setup:?}: the policies left something behind"
        );
        grace.up(&RLS).await.unwrap();
        assert!(
            shape(&grace).await == policies,
            "{setup:?}: the policies are not what they were"
        );

        grace.down(&RLS).await.unwrap();
        grace.down(&SCHEMA).await.unwrap();
        assert!(
            shape(&grace).await == nothing,
            "{setup:?}: the schema left something behind"
        );
        grace.up(&SCHEMA).await.unwrap();
        grace.up(&RLS).await.unwrap();
        assert!(
            shape(&grace).await == policies,
            "{setup:?}: the second time is not like the first"
        );
    }
}

/// Scripts say their names in full: what somebody put into `public` is not called instead.
#[tokio::test]
async fn functions_that_shadow_the_catalogues_are_not_called() {
    let grace = Setup::Owner.empty().await;
    let shadows = [
        ("to_regnamespace(text)", "regnamespace"),
        ("to_regclass(text)", "regclass"),
        ("pg_has_role(text, oid, text)", "boolean"),
        ("has_any_column_privilege(text, oid, text)", "boolean"),
        ("has_table_privilege(text, oid, text)", "boolean"),
        ("has_schema_privilege(text, text, text)", "boolean"),
        ("format(text, text)", "text"),
    ];
    for (signature, returns) in shadows {
        grace
            .migrate(&format!(
                "create function public.{signature} returns {returns} language plpgsql
                 as $$ begin raise exception 'shadowed'; end $$"
            ))
            .await;
    }
    grace.up(&SCHEMA).await.unwrap();
    grace.up(&RLS).await.unwrap();
    grace.down(&RLS).await.unwrap();
    grace.down(&SCHEMA).await.unwrap();
}

#[test]
fn headers_say_what_stands_on_what() {
    let headers = [&SCHEMA, &RLS].map(|revision| {
        let parsed = parse_header(revision.up);
        assert_eq!(parsed.defects, []);
        assert!(parse_settings(revision.down, ScriptKind::Down).is_ok());
        assert!(parse_settings(revision.verify, ScriptKind::Verify).is_ok());
        parsed.header.unwrap()
    });
    let [schema, rls] = headers;
    assert_eq!(schema.revises, []);
    assert_eq!(rls.revises, [schema.revision]);
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
            "row-level security is off on public.notes",
        ),
        (
            "grant select (id) on public.notes to public",
            "anon on public.notes",
        ),
        (
            "grant truncate on public.notes to authenticated",
            "authenticated on public.notes",
        ),
        (
            "grant select on public.notes to service_role",
            "service_role on public.notes",
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
