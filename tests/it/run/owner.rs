//! Who may see and change our tables, and what row security does to them.

use super::case::{Case, shows};

/// Default privileges that give API roles everything, as Supabase's do; the roles are this
/// cluster's `anon` and `authenticated`.
async fn open_to_all(case: &Case, creator: &str) {
    for role in ["anon", "authenticated"] {
        case.database
            .run(&format!(
                "do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; end $$;
                 grant usage on schema public to {role};
                 alter default privileges for role {creator} grant all on tables to {role}, public;
                 alter default privileges for role {creator} grant all on sequences to {role}, public;
                 alter default privileges for role {creator} grant all on schemas to {role}, public;"
            ))
            .await;
    }
}

#[tokio::test]
async fn api_roles_never_reach_our_tables() {
    for owner in [false, true] {
        let (case, creator) = if owner {
            let case = Case::of_owner().await;
            let creator = format!("{}_owner", case.database.name());
            (case, creator)
        } else {
            (Case::new().await, "postgres".to_owned())
        };
        open_to_all(&case, &creator).await;
        case.graph("a b<a");
        case.up("c", "b", "-- transaction: off\nselect 1;");
        case.ok("upgrade head");
        for role in ["anon", "authenticated"] {
            for sql in [
                "select * from public.alembic_version",
                "insert into public.alembic_version values ('x')",
                "delete from public.alembic_version",
                "truncate public.alembic_version",
                "select * from grace_migrate.history",
                "insert into grace_migrate.history default values",
                "delete from grace_migrate.journal",
                "select * from grace_migrate.schema_version",
                "create table grace_migrate.x (n int)",
                "select nextval('grace_migrate.history_id_seq')",
            ] {
                let client = case.database.client();
                client
                    .batch_execute(&format!("begin; set local role {role}"))
                    .await
                    .unwrap();
                let error = client.batch_execute(sql).await.unwrap_err();
                let code = error.code().unwrap().code().to_owned();
                assert_eq!(code, "42501", "{role}: {sql}");
                client.batch_execute("rollback").await.unwrap();
            }
        }
        // Not even the right to look is left.
        let open = case.query(
            "select string_agg(c.relname, ' ') from pg_class c, lateral aclexplode(c.relacl) a \
             where c.relnamespace in ('grace_migrate'::regnamespace, 'public'::regnamespace) \
               and c.relname not in ('a', 'b') \
               and a.grantee <> c.relowner",
        );
        assert_eq!(open.await, "");
        let secured = case.query(
            "select bool_and(relrowsecurity) from pg_class where relkind = 'r' and \
             (relnamespace = 'grace_migrate'::regnamespace or relname = 'alembic_version')",
        );
        assert_eq!(secured.await, "t");
    }
}

#[tokio::test]
async fn forced_row_security_is_an_error_and_never_silence() {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table t (n int);\ninsert into t values (1);\n\
         alter table t enable row level security;\nalter table t force row level security;",
    );
    for (id, sql) in [
        ("b", "update t set n = 2;"),
        ("c", "create table copied as select * from t;"),
        ("d", "-- transaction: off\ndelete from t;"),
    ] {
        case.up(id, "a", sql);
        let output = case.fails("upgrade heads", 4, "step-failed");
        shows(
            &output,
            &[&format!("versions/{id}.up.sql"), "42501", "stands at a"],
        );
        case.remove(id);
    }
    assert_eq!(case.query("select n from t").await, "1");
}

#[tokio::test]
async fn a_version_table_under_row_security_never_reads_as_empty() {
    let case = Case::of_owner().await;
    case.graph("a b<a");
    case.ok("upgrade head");
    case.database
        .run("alter table alembic_version force row level security")
        .await;
    for words in [
        "current",
        "upgrade head",
        "downgrade -1",
        "stamp a",
        "upgrade head --sql",
    ] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(&output, &["alembic_version", "42501"]);
    }
    assert_eq!(case.rows().await, "b");
}

#[tokio::test]
async fn a_role_that_is_in_the_owner_works_too() {
    let mut case = Case::of_owner().await;
    case.graph("a b<a");
    case.ok("upgrade a");
    let owner = format!("{}_owner", case.database.name());
    let member = format!("{}_member", case.database.name());
    case.database
        .run(&format!("create role {member} login in role {owner}"))
        .await;
    case.project
        .env("DATABASE_URL", case.database.url_as(&member));
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
    assert_eq!(
        case.query("select performed_by from grace_migrate.history order by id desc limit 1")
            .await,
        member
    );
    case.database
        .run(&format!("drop owned by {member}; drop role {member}"))
        .await;
}
