//! Sessions: one's own, and those of the persons whom one cares for.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::profiles;
use crate::api::access::{Scope, Values};
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, Body, Change, IfMatch, User};
use crate::api::page::{self, Key, Keyed, PageQuery};
use crate::api::record::{Columns, Made, Page, Stored, record};
use crate::api::text;
use crate::api::time::Instant;

record! {
    /// A conversation of a person with GRACE.
    pub(crate) struct Session {
        /// Its id.
        pub(crate) id: Uuid,
        /// Whose it is.
        pub(crate) profile_id: Uuid,
        /// What it is called.
        pub(crate) title: Option<String>,
        /// When it began.
        pub(crate) started_at: DateTime<Utc>,
        /// When it ended; not yet where there is nothing.
        pub(crate) ended_at: Option<DateTime<Utc>>,
        /// When it was stored.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for Session {
    fn key(&self) -> Key {
        Key {
            at: self.started_at,
            id: self.id,
        }
    }
}

/// Which sessions, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionList {
    /// Those of this person.
    profile_id: Option<Uuid>,
    /// Those that began at this instant or later.
    #[param(value_type = Option<DateTime<Utc>>)]
    started_after: Option<Instant>,
    /// Those that began earlier than this.
    #[param(value_type = Option<DateTime<Utc>>)]
    started_before: Option<Instant>,
    /// Those that have not ended (`true`), or those that have (`false`).
    open: Option<bool>,
    /// How many at most: 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// A session to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    /// What it is called.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    title: Option<String>,
    /// When it began: now where nothing is said.
    #[schema(value_type = Option<DateTime<Utc>>)]
    started_at: Option<Instant>,
    /// When it ended, which is not before it began.
    #[schema(value_type = Option<DateTime<Utc>>)]
    ended_at: Option<Instant>,
}

/// What of a session is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionChange {
    /// What it is called.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(value_type = Option<String>, pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    title: Change<Option<String>>,
    /// When it began.
    #[serde(default)]
    #[schema(value_type = DateTime<Utc>, required = false)]
    started_at: Change<Instant>,
    /// When it ended, which is not before it began.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    ended_at: Change<Option<Instant>>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.sessions \
         where ($1::uuid is null or profile_id = $1) \
         and ($2::timestamptz is null or started_at >= $2) \
         and ($3::timestamptz is null or started_at < $3) \
         and ($4::bool is null or (ended_at is null) = $4) \
         and ($5::timestamptz is null or (started_at, id) > ($5, $6)) \
         order by started_at, id limit $7",
        Session::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.sessions where id = $1",
        Session::NAMES
    )
});

static CREATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.sessions (title, started_at, ended_at) \
         values ($1, coalesce($2, now()), $3) returning {}, xmin::text",
        Session::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.sessions set \
            title = case when $3 then $4 else title end, \
            started_at = coalesce($5, started_at), \
            ended_at = case when $6 then $7 else ended_at end \
         where id = $1 and ($2::text is null or xmin::text = $2) returning {}, xmin::text",
        Session::NAMES
    )
});

const REMOVE: &str = "delete from public.sessions \
     where id = $1 and ($2::text is null or xmin::text = $2)";

/// Asks for a session before what belongs to it, so that where the session is hidden, all of it is.
pub(super) async fn visible(scope: &mut Scope, id: Uuid) -> Result<(), ApiError> {
    let one = "select id from public.sessions where id = $1";
    scope.one::<Uuid>(one, &[&id]).await?;
    Ok(())
}

async fn page_of(
    scope: &mut Scope,
    list: &SessionList,
    asked: &page::Asked,
) -> Result<Json<Page<Session>>, ApiError> {
    let rows = scope
        .all(
            &LIST,
            &[
                &list.profile_id,
                &list.started_after.map(Instant::get),
                &list.started_before.map(Instant::get),
                &list.open,
                &asked.after_at(),
                &asked.after_id(),
                &asked.rows(),
            ],
        )
        .await?;
    Ok(Json(asked.page(rows)))
}

/// The sessions that the caller may see
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", operation_id = "list_sessions",
    params(SessionList),
    responses((status = 200, description = "A page of them, the earliest first.", body = Page<Session>)),
)]
async fn list(
    user: User,
    Asked(list): Asked<SessionList>,
) -> Result<Json<Page<Session>>, ApiError> {
    let asked = page::Asked::parse(list.limit, list.cursor.as_deref())?;
    let mut scope = user.reading().await?;
    let page = page_of(&mut scope, &list, &asked).await?;
    scope.commit().await?;
    Ok(page)
}

/// The sessions of a person: of oneself, or of somebody whom the caller cares for
#[utoipa::path(
    get, path = "/profiles/{id}/sessions", tag = "sessions", operation_id = "list_profile_sessions",
    params(("id" = Uuid, Path, description = "The person."), PageQuery),
    responses((status = 200, description = "A page of them, the earliest first.", body = Page<Session>)),
)]
async fn list_of(
    user: User,
    At(id): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<Session>>, ApiError> {
    let asked = query.asked()?;
    let list = SessionList {
        profile_id: Some(id),
        ..SessionList::default()
    };
    let mut scope = user.reading().await?;
    profiles::visible(&mut scope, id).await?;
    let page = page_of(&mut scope, &list, &asked).await?;
    scope.commit().await?;
    Ok(page)
}

/// Begin a session of the caller
#[utoipa::path(
    post, path = "/sessions", tag = "sessions", operation_id = "create_session",
    request_body = NewSession,
    responses((
        status = 201, description = "The session.", body = Session,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create(user: User, Body(new): Body<NewSession>) -> Result<Made<Session>, ApiError> {
    let mut scope = user.writing().await?;
    let (started_at, ended_at) = (
        new.started_at.map(Instant::get),
        new.ended_at.map(Instant::get),
    );
    let stored: Stored<Session> = scope
        .one(&CREATE, &[&new.title, &started_at, &ended_at])
        .await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/sessions/{}", stored.record.id),
        stored,
    })
}

/// A session
#[utoipa::path(
    get, path = "/sessions/{id}", tag = "sessions", operation_id = "get_session",
    params(("id" = Uuid, Path, description = "The session.")),
    responses((
        status = 200, description = "It.", body = Session,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn one(user: User, At(id): At<Uuid>) -> Result<Stored<Session>, ApiError> {
    user.one(&ONE, &[&id]).await
}

/// Change a session of the caller
#[utoipa::path(
    patch, path = "/sessions/{id}", tag = "sessions", operation_id = "change_session",
    params(
        ("id" = Uuid, Path, description = "The session."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = SessionChange,
    responses((
        status = 200, description = "As it is now.", body = Session,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change(
    user: User,
    At(id): At<Uuid>,
    state: IfMatch,
    Body(change): Body<SessionChange>,
) -> Result<Stored<Session>, ApiError> {
    let values: Values<'_> = &[
        &id,
        &state.wanted(),
        &change.title.is_set(),
        &change.title.nullable(),
        &change.started_at.value().copied().map(Instant::get),
        &change.ended_at.is_set(),
        &change.ended_at.nullable().copied().map(Instant::get),
    ];
    state
        .change(user.writing().await?, (&CHANGE, values), (&ONE, &[&id]))
        .await
}

/// Delete a session of the caller, and all that belongs to it
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", operation_id = "delete_session",
    params(
        ("id" = Uuid, Path, description = "The session."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to go."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove(user: User, At(id): At<Uuid>, state: IfMatch) -> Result<StatusCode, ApiError> {
    let scope = user.writing().await?;
    state
        .remove::<Session>(scope, (REMOVE, &[&id, &state.wanted()]), (&ONE, &[&id]))
        .await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_of))
        .routes(routes!(one, change, remove))
}
