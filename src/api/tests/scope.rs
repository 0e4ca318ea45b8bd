//! What a transaction in somebody's name sees, and what is set in it.

use std::time::Duration;

use super::harness::{CARL, OLGA, STAN, app, app_that_waits, user};
use crate::api::access::{Caller, Mode};
use crate::api::error::ApiError;
use crate::api::record::Record;
use crate::db::{DbError, Row};

struct Text(String);

impl Record for Text {
    fn of(row: &Row) -> Result<Self, DbError> {
        row.get(0).map(Self)
    }
}

const WHO: &str = "select concat_ws('|', current_user, session_user, \
     current_setting('request.jwt.claims')::jsonb ->> 'sub', \
     current_setting('request.jwt.claim.sub'), current_setting('search_path'), \
     current_setting('statement_timeout'), current_setting('transaction_read_only'))";

const SEEN: &str = "select count(*)::text from public.profiles";

#[tokio::test]
async fn a_user_is_the_role_and_the_claims_of_the_token() {
    let app = app().await;
    let mut scope = app
        .access
        .begin(&user(OLGA).await, Mode::Read)
        .await
        .unwrap();
    let Text(who) = scope.one(WHO, &[]).await.unwrap();
    assert_eq!(who, format!("authenticated|grace_api|{OLGA}|||30s|on"));
    scope.commit().await.unwrap();
}

#[tokio::test]
async fn each_sees_what_is_theirs_one_after_the_other_on_one_session() {
    let app = app().await;
    // Carl cares for Olga.
    for (subject, wanted) in [
        (OLGA, "1"),
        (CARL, "2"),
        (STAN, "1"),
        (CARL, "2"),
        (OLGA, "1"),
    ] {
        let mut scope = app
            .access
            .begin(&user(subject).await, Mode::Read)
            .await
            .unwrap();
        let Text(seen) = scope.one(SEEN, &[]).await.unwrap();
        assert_eq!(seen, wanted, "{subject}");
        scope.commit().await.unwrap();
    }
    let mut scope = app
        .access
        .begin(&Caller::Service, Mode::Read)
        .await
        .unwrap();
    let Text(seen) = scope.one(SEEN, &[]).await.unwrap();
    assert_eq!(seen, "6");
    assert_eq!(app.access.users().open, 1);
}

#[tokio::test]
async fn a_read_cannot_write() {
    let app = app().await;
    let mut scope = app
        .access
        .begin(&user(OLGA).await, Mode::Read)
        .await
        .unwrap();
    let write = "update public.profiles set full_name = 'Nobody' where id = (select auth.uid())";
    let refused = scope.execute(write, &[]).await;
    assert!(
        matches!(refused, Err(ApiError::Internal { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_login_itself_sees_nothing_of_people() {
    let app = app().await;
    let mut scope = app.access.begin(&Caller::Login, Mode::Read).await.unwrap();
    let seen = scope.one::<Text>(SEEN, &[]).await.map(|Text(seen)| seen);
    assert!(matches!(seen, Err(ApiError::Forbidden)), "{seen:?}");
    drop(scope);
    assert_eq!(app.readiness.ask(&app.access).await, Ok(()));
}

#[tokio::test]
async fn a_server_whose_sessions_are_all_in_use_is_busy_and_still_ready() {
    let app = app_that_waits(Duration::from_millis(500)).await;
    let olga = user(OLGA).await;
    let held = app.access.begin(&olga, Mode::Read).await.unwrap();
    let refused = app.access.begin(&olga, Mode::Read).await.err();
    assert!(matches!(refused, Some(ApiError::Busy)), "{refused:?}");
    assert_eq!(app.readiness.ask(&app.access).await, Ok(()));
    held.commit().await.unwrap();
    assert!(app.access.begin(&olga, Mode::Read).await.is_ok());
}
