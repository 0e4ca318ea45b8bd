//! The API roles, which belong to the whole cluster: on servers of their own, where they do not
//! exist yet.

use std::time::Duration;

use grace_migrate::engine::{ScratchOptions, ScratchServer};
use tokio_postgres::{Client, Error};

use super::setup::{RLS, SCHEMA, in_transaction, message};
use crate::support::{binaries, connect, locate_options};

/// The API roles and what they may.
const ROLES: &str = "
    select string_agg(format('%s %s', rolname, concat_ws(' ',
               case when rolcanlogin then 'login' end,
               case when rolinherit then 'inherit' end,
               case when rolsuper or rolcreaterole or rolcreatedb then 'privileged' end,
               case when rolbypassrls then 'bypassrls' end)), ', ' order by rolname)
      from pg_roles where rolname in ('anon', 'authenticated', 'service_role')";

/// A server without the API roles, and databases on it.
struct Cluster {
    server: ScratchServer,
}

impl Cluster {
    fn start() -> Self {
        let options = ScratchOptions {
            cache_dir: locate_options().cache_dir,
            temp_dir: std::env::temp_dir(),
        };
        let server = ScratchServer::start(binaries(), &options, &mut |_| {}).expect("a server");
        Self { server }
    }

    async fn connect(&self, database: &str) -> Client {
        connect(&self.server.url(database)).await
    }

    async fn run(&self, sql: &[&str]) {
        let client = self.connect("postgres").await;
        for statement in sql {
            client.batch_execute(statement).await.expect(statement);
        }
    }

    async fn roles(&self) -> Option<String> {
        let client = self.connect("postgres").await;
        client.query_one(ROLES, &[]).await.expect("one row").get(0)
    }
}

async fn up(client: &Client) -> Result<(), Error> {
    in_transaction(client, &[SCHEMA.up, SCHEMA.verify]).await?;
    in_transaction(client, &[RLS.up, RLS.verify]).await
}

/// Waits until somebody in a database waits for a lock.
async fn blocked(watcher: &Client, database: &str) {
    let waiting = "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
    for _ in 0..1000 {
        if !watcher
            .query(waiting, &[&database])
            .await
            .expect("an answer")
            .is_empty()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits in {database}");
}

const COMPLETE: &str = "anon , authenticated , service_role bypassrls";

#[tokio::test]
async fn two_databases_may_need_the_roles_at_once() {
    let cluster = Cluster::start();
    cluster
        .run(&[
            "create database first",
            "create database second",
            "create database third",
        ])
        .await;
    let watcher = cluster.connect("postgres").await;
    let [first, second, third] = [
        cluster.connect("first").await,
        cluster.connect("second").await,
        cluster.connect("third").await,
    ];

    // The first one makes them and thinks better of it: the second makes them.
    first.batch_execute("begin").await.unwrap();
    first.batch_execute(SCHEMA.up).await.unwrap();
    let (second_done, ()) = tokio::join!(up(&second), async {
        blocked(&watcher, "second").await;
        first.batch_execute("rollback").await.unwrap();
    });
    second_done.unwrap();
    assert_eq!(cluster.roles().await.as_deref(), Some(COMPLETE));

    // Gone and needed again, by two: the first one makes them, the second finds them made.
    in_transaction(&second, &[RLS.down]).await.unwrap();
    in_transaction(&second, &[SCHEMA.down]).await.unwrap();
    assert_eq!(
        cluster.roles().await.as_deref(),
        Some(COMPLETE),
        "a downgrade drops no role"
    );
    cluster
        .run(&["drop role anon, authenticated, service_role"])
        .await;
    first.batch_execute("begin").await.unwrap();
    first.batch_execute(SCHEMA.up).await.unwrap();
    let (third_done, ()) = tokio::join!(up(&third), async {
        blocked(&watcher, "third").await;
        first.batch_execute("commit").await.unwrap();
    });
    third_done.unwrap();
    assert_eq!(cluster.roles().await.as_deref(), Some(COMPLETE));

    // With nothing to wait for, all at once.
    in_transaction(&first, &[SCHEMA.down]).await.unwrap();
    in_transaction(&third, &[RLS.down, SCHEMA.down])
        .await
        .unwrap();
    cluster
        .run(&["drop role anon, authenticated, service_role"])
        .await;
    let (a, b, c) = tokio::join!(up(&first), up(&second), up(&third));
    a.and(b).and(c).unwrap();
    assert_eq!(cluster.roles().await.as_deref(), Some(COMPLETE));
}

#[tokio::test]
async fn who_may_not_create_roles_is_told_what_to_ask_for() {
    let cluster = Cluster::start();
    cluster
        .run(&[
            "create role plain login",
            "create role anon",
            "create database plain owner plain",
        ])
        .await;
    let plain = connect(&cluster.server.address().url_as("plain", "plain")).await;
    let error = up(&plain).await.unwrap_err();
    let message = message(&error);
    assert_eq!(
        message,
        "roles are missing: authenticated, service_role; role plain may not create roles \
         (Let a superuser run: create role authenticated nologin noinherit; \
         create role service_role nologin noinherit bypassrls;)"
    );

    // The hint is what helps.
    let (_, hint) = message.split_once("run: ").unwrap();
    cluster.run(&[hint.trim_end_matches(')')]).await;
    up(&plain).await.unwrap();
}

#[tokio::test]
async fn who_may_create_roles_without_being_superuser_makes_them() {
    let cluster = Cluster::start();
    cluster
        .run(&[
            "create role maker login createrole",
            "create database made owner maker",
        ])
        .await;
    let maker = connect(&cluster.server.address().url_as("maker", "made")).await;
    up(&maker).await.unwrap();
    let expected = "anon , authenticated , service_role ";
    assert_eq!(
        cluster.roles().await.as_deref(),
        Some(expected),
        "BYPASSRLS was not theirs to give"
    );
}

#[tokio::test]
async fn roles_that_exist_are_left_as_they_are() {
    let cluster = Cluster::start();
    cluster
        .run(&[
            "create role anon login",
            "create role authenticated inherit",
            "create role service_role nologin nobypassrls",
        ])
        .await;
    let before = cluster.roles().await;
    up(&cluster.connect("postgres").await).await.unwrap();
    assert_eq!(cluster.roles().await, before);
}

#[tokio::test]
async fn an_api_role_that_rls_does_not_bind_stops_the_revision() {
    let cluster = Cluster::start();
    cluster
        .run(&[
            "create role anon",
            "create role authenticated bypassrls",
            "create role service_role",
        ])
        .await;
    let client = cluster.connect("postgres").await;
    let error = up(&client).await.unwrap_err();
    assert_eq!(
        message(&error),
        "row-level security does not bind authenticated (through authenticated)"
    );
}
