//! What a request leaves behind that does not end as it should: nothing.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tower::ServiceExt as _;

use super::harness::{OLGA, admin, app, session, token, user};
use crate::api::access::{Mode, Scope};
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::User;
use crate::api::record::Record;
use crate::api::router::{Bounds, layered};
use crate::db::{DbError, Row};

struct Text(String);

impl Record for Text {
    fn of(row: &Row) -> Result<Self, DbError> {
        row.get(0).map(Self)
    }
}

const RENAME: &str = "update public.profiles set locale = 'pt' where id = (select auth.uid())";
const LOCALE: &str = "select locale from public.profiles where id = (select auth.uid())";
const CONTEXT: &str = "select concat_ws('|', current_user, current_setting('request.jwt.claims', true), \
     current_setting('statement_timeout'), pg_catalog.pg_backend_pid())";
const SLEEP: &str = "select 'slept' from pg_catalog.pg_sleep(3600)";

fn bounds(time: Duration) -> Bounds {
    Bounds {
        origins: Vec::new(),
        body: 1024,
        time,
        proxies: 0,
    }
}

async fn writing(user: &User) -> Result<Scope, ApiError> {
    let mut scope = user.writing().await?;
    scope.execute(RENAME, &[]).await?;
    Ok(scope)
}

fn broken() -> Result<(), ApiError> {
    panic!("a handler that panics with its transaction open")
}

/// Handlers that do what none should.
fn routes(app: &App, time: Duration) -> Router {
    let routes = Router::new()
        .route(
            "/panic",
            get(|user: User| async move {
                let _scope = writing(&user).await?;
                broken()
            }),
        )
        .route(
            "/sleep",
            get(|user: User| async move {
                let mut scope = writing(&user).await?;
                scope.one::<Text>(SLEEP, &[]).await?;
                scope.commit().await
            }),
        )
        .route(
            "/slow",
            get(|user: User| async move {
                let mut scope = user.writing().await?;
                let slow = "insert into slow.things values ('done')";
                scope.execute(slow, &[]).await?;
                scope.commit().await
            }),
        )
        .route(
            "/forgotten",
            get(|user: User| async move {
                drop(writing(&user).await?);
                Ok::<_, ApiError>(())
            }),
        )
        .route(
            "/locale",
            get(|State(_): State<App>, user: User| async move {
                let mut scope = user.reading().await?;
                let Text(locale) = scope.one(LOCALE, &[]).await?;
                scope.commit().await?;
                Ok::<_, ApiError>(locale)
            }),
        );
    layered(routes, app, &bounds(time))
}

async fn ask(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header("authorization", format!("Bearer {}", token(OLGA)))
        .body(Body::empty())
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 10_000)
        .await
        .unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The server process behind the one session of the users' pool.
async fn backend(app: &App) -> String {
    let context = context(app).await;
    context.rsplit('|').next().unwrap().to_owned()
}

/// Who asks, the claims, the time that is allowed, and the server process.
async fn context(app: &App) -> String {
    let mut scope = app
        .access
        .begin(&user(OLGA).await, Mode::Read)
        .await
        .unwrap();
    let Text(context) = scope.one(CONTEXT, &[]).await.unwrap();
    scope.commit().await.unwrap();
    context
}

#[tokio::test]
async fn a_panic_within_a_transaction_rolls_it_back_and_is_a_500() {
    let app = app().await;
    let before = backend(&app).await;
    let router = routes(&app, Duration::from_secs(20));
    let (status, body) = ask(&router, "/panic").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        !body.contains("handler"),
        "its words are for the log: {body}"
    );
    assert_eq!(
        ask(&router, "/locale").await,
        (StatusCode::OK, "en".to_owned())
    );
    assert_eq!(backend(&app).await, before, "the session serves on");
}

#[tokio::test]
async fn what_is_not_committed_is_rolled_back() {
    let app = app().await;
    let router = routes(&app, Duration::from_secs(20));
    assert_eq!(ask(&router, "/forgotten").await.0, StatusCode::OK);
    assert_eq!(ask(&router, "/locale").await.1, "en");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cancelled_and_its_session_serves_on() {
    let app = app().await;
    let before = backend(&app).await;
    let router = routes(&app, Duration::from_secs(1));
    let (status, body) = ask(&router, "/sleep").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("timed-out"), "{body}");
    assert_eq!(
        ask(&router, "/locale").await,
        (StatusCode::OK, "en".to_owned())
    );
    assert_eq!(backend(&app).await, before, "the session serves on");
}

#[tokio::test]
async fn a_client_that_goes_mid_query_leaves_nothing() {
    let app = app().await;
    let before = backend(&app).await;
    let router = routes(&app, Duration::from_secs(60));
    let pid = before.clone();
    let request = tokio::spawn({
        let router = router.clone();
        async move { ask(&router, "/sleep").await }
    });
    let admin = session(&admin().await).await;
    let query = format!(
        "select query from pg_catalog.pg_stat_activity where pid = {pid} and state = 'active'"
    );
    while !admin
        .answers(&query)
        .await
        .unwrap()
        .first()
        .and_then(|answer| answer.value(0))
        .is_some_and(|query| query.contains("pg_sleep"))
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    // The pool has one session: this waits until it is free, which it would not be for an hour.
    assert_eq!(
        ask(&router, "/locale").await,
        (StatusCode::OK, "en".to_owned())
    );
    assert_eq!(backend(&app).await, before, "the session serves on");
}

#[tokio::test]
async fn after_a_commit_a_query_has_no_role_and_no_claims() {
    let app = app().await;
    let before = context(&app).await;
    assert!(before.starts_with("authenticated|{"), "{before}");
    let mut scope = app
        .access
        .begin(&crate::api::access::Caller::Login, Mode::Read)
        .await
        .unwrap();
    let Text(context) = scope.one(CONTEXT, &[]).await.unwrap();
    let mut parts = context.split('|');
    assert_eq!(parts.next(), Some("grace_api"), "{context}");
    assert_eq!(parts.next(), Some(""), "{context}");
}

#[tokio::test]
async fn a_session_that_the_server_ends_is_replaced() {
    let app = app().await;
    let before = backend(&app).await;
    let admin = session(&admin().await).await;
    let end = format!("select pg_catalog.pg_terminate_backend({before}, 10000)");
    admin.answers(&end).await.unwrap();
    // The link's end may be heard of a moment later: that request is told to come again.
    let router = routes(&app, Duration::from_secs(20));
    let mut status = ask(&router, "/locale").await.0;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        status = ask(&router, "/locale").await.0;
    }
    assert_eq!(status, StatusCode::OK);
    assert_ne!(backend(&app).await, before);
}

/// A table whose COMMIT takes its time.
const SLOW: &str = "
    create schema slow;
    grant usage on schema slow to authenticated;
    create table slow.things (a text);
    grant insert on slow.things to authenticated;
    create function slow.sleep() returns trigger language plpgsql as
        'begin perform pg_catalog.pg_sleep(3); return null; end';
    create constraint trigger sleep after insert on slow.things
        deferrable initially deferred for each row execute function slow.sleep()";

#[tokio::test]
async fn a_commit_goes_on_though_nobody_waits_for_it() {
    let app = app().await;
    let admin = session(&admin().await).await;
    admin.batch(SLOW).await.unwrap();
    let router = routes(&app, Duration::from_secs(1));
    let (status, body) = ask(&router, "/slow").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!body.contains("nothing was changed"), "{body}");
    // The one session is free once the commit is done.
    let router = routes(&app, Duration::from_secs(20));
    assert_eq!(ask(&router, "/locale").await.0, StatusCode::OK);
    let done = admin.answers("select a from slow.things").await.unwrap();
    assert_eq!(done[0].value(0), Some("done"));
}
