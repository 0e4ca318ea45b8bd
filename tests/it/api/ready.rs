//! `/readyz`: the schema, the version table, the database itself.

use std::fs;
use std::os::unix::fs::symlink;

use super::http::Ask;
use super::serve::{ApiServer, Start};
use super::world::{OLGA, PEOPLE, World, login_sql, project};
use crate::grace::setup::ROLES_SQL;
use crate::support::{OwnServer, Project, connect};

#[tokio::test]
async fn a_server_at_the_head_is_ready_and_lives() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let ready = server.ask(&Ask::get("/readyz")).await.is(200).json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["head"], serde_json::json!(["c41e7d90b2aa"]));
    let alive = server.ask(&Ask::get("/livez")).await.is(200).json();
    assert_eq!(alive["status"], "alive");
    assert_eq!(alive["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn a_schema_that_is_behind_is_not_ready_until_it_is_brought_up() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let project = project(&world.db.url());
    project.grace(["downgrade", "-1"]).success();
    let answer = server.ask(&Ask::get("/readyz")).await.is(503);
    assert_eq!(answer.json()["reason"], "behind");
    let detail = answer.json()["detail"].to_string();
    assert!(
        detail.contains("8f3c2a1b9d04") && detail.contains("c41e7d90b2aa"),
        "{detail}"
    );
    assert!(answer.header("retry-after").is_some());
    // It lives all the same: nothing is gained by starting it again.
    server.ask(&Ask::get("/livez")).await.is(200);
    // What is asked for meanwhile is refused, and never an error of the server's.
    let asked = server.get("/profile", OLGA).await;
    assert!([403, 404, 503].contains(&asked.status), "{}", asked.text());
    asked.problem();
    project.grace(["upgrade", "head"]).success();
    assert_eq!(server.readiness().await, (200, String::new()));
    server.get("/profile", OLGA).await.is(200);
}

#[tokio::test]
async fn a_schema_that_is_ahead_is_ready_where_that_is_allowed() {
    let world = World::new().await;
    let strict = ApiServer::start(&world).await;
    let lenient = Start::in_world(&world)
        .flag("--allow-newer-schema")
        .serve()
        .await;
    let ahead = "update public.alembic_version set version_num = 'ffffffffffff'";
    world.db.run(ahead).await;
    assert_eq!(strict.readiness().await, (503, "ahead".to_owned()));
    assert_eq!(lenient.readiness().await, (200, String::new()));
    // A head of another branch beside ours is one that is not known.
    let beside = "insert into public.alembic_version values ('c41e7d90b2aa')";
    world.db.run(beside).await;
    assert_eq!(strict.readiness().await, (503, "ahead".to_owned()));
    assert_eq!(lenient.readiness().await, (200, String::new()));
    // Nothing at all is behind, whatever is allowed.
    world.db.run("delete from public.alembic_version").await;
    assert_eq!(strict.readiness().await, (503, "behind".to_owned()));
    assert_eq!(lenient.readiness().await, (503, "behind".to_owned()));
}

#[tokio::test]
async fn a_version_table_that_cannot_be_read_is_told_of() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let login = world.users_login();
    let revoke = format!("revoke select on public.alembic_version from {login}");
    world.db.run(&revoke).await;
    let answer = server.ask(&Ask::get("/readyz")).await.is(503);
    assert_eq!(answer.json()["reason"], "version-table");
    let grant = format!("grant select on public.alembic_version to {login}");
    world.db.run(&grant).await;
    assert_eq!(server.readiness().await, (200, String::new()));
    world
        .db
        .run("alter table public.alembic_version rename to gone")
        .await;
    let (status, reason) = server.readiness().await;
    assert_eq!(status, 503, "{reason}");
    // Requests do not need it.
    server.get("/profile", OLGA).await.is(200);
}

#[tokio::test]
async fn a_database_that_was_gone_is_used_again_without_a_restart() {
    let mut database = OwnServer::start(&[]).await;
    let admin = connect(&database.url("postgres")).await;
    admin.batch_execute("create database grace").await.unwrap();
    drop(admin);
    let url = database.url("grace");
    let admin = connect(&url).await;
    admin.batch_execute(ROLES_SQL).await.unwrap();
    project(&url).grace(["upgrade", "head"]).success();
    admin.batch_execute(PEOPLE).await.unwrap();
    admin
        .batch_execute(&login_sql("api", "api_service"))
        .await
        .unwrap();
    drop(admin);
    // The server's socket has another place each time: the link to it has not.
    let folder = Project::new();
    let link = folder.path().join("server");
    let socket = |url: &str| url.split_once("host=").unwrap().1.to_owned();
    symlink(socket(&url), &link).unwrap();
    let start = Start::at(&format!("postgresql://api@/grace?host={}", link.display()));
    let server = start.with("--pool-wait", "1s").serve().await;
    server.get("/profile", OLGA).await.is(200);
    assert_eq!(server.readiness().await, (200, String::new()));

    database.stop();
    server.until_ready_is((503, "database")).await;
    for _ in 0..3 {
        let answer = server.get("/profile", OLGA).await.is(503);
        assert_eq!(answer.problem(), "unavailable");
        assert!(answer.header("retry-after").is_some());
        assert!(!answer.text().contains("gm-pg"), "{}", answer.text());
    }
    server.ask(&Ask::get("/livez")).await.is(200);

    database.resume();
    fs::remove_file(&link).unwrap();
    symlink(socket(&database.url("grace")), &link).unwrap();
    server.until_ready_is((200, "")).await;
    server.get("/profile", OLGA).await.is(200);
    assert_eq!(server.log().matches("listening on").count(), 1);
}

#[tokio::test]
async fn sessions_that_the_database_ends_are_replaced() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    for _ in 0..3 {
        server.get("/profile", OLGA).await.is(200);
        let end = "select pg_terminate_backend(pid, 10000) from pg_stat_activity \
                   where application_name = 'grace-api' and datname = current_database()";
        world.db.query(end).await;
    }
    server.get("/profile", OLGA).await.is(200);
}
