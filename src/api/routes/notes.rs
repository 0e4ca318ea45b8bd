//! Notes on a session.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::sessions;
use crate::api::access::Values;
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, Body, Change, IfMatch, User};
use crate::api::page::{Key, Keyed, PageQuery};
use crate::api::record::{Columns, Made, Page, Stored, record};
use crate::api::text;

record! {
    /// A note on a session.
    pub(crate) struct Note {
        /// Its id.
        pub(crate) id: Uuid,
        /// The session.
        pub(crate) session_id: Uuid,
        /// What it says.
        pub(crate) body: String,
        /// When it was stored.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for Note {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

/// A note to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// What it says.
    #[serde(deserialize_with = "text::at_most::<100000, _, _>")]
    #[schema(pattern = r"^[^\x00]+$", max_length = 100000)]
    body: String,
}

/// What of a note is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteChange {
    /// What it says.
    #[serde(default, deserialize_with = "text::at_most::<100000, _, _>")]
    #[schema(value_type = String, required = false, pattern = r"^[^\x00]+$", max_length = 100000)]
    body: Change<String>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.notes where session_id = $1 \
         and ($2::timestamptz is null or (created_at, id) > ($2, $3)) \
         order by created_at, id limit $4",
        Note::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.notes where session_id = $1 and id = $2",
        Note::NAMES
    )
});

static CREATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.notes (session_id, body) values ($1, $2) returning {}, xmin::text",
        Note::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.notes set body = coalesce($4, body) \
         where session_id = $1 and id = $2 and ($3::text is null or xmin::text = $3) \
         returning {}, xmin::text",
        Note::NAMES
    )
});

const REMOVE: &str = "delete from public.notes \
     where session_id = $1 and id = $2 and ($3::text is null or xmin::text = $3)";

/// The notes on a session
#[utoipa::path(
    get, path = "/sessions/{session_id}/notes", tag = "notes",
    operation_id = "list_notes",
    params(("session_id" = Uuid, Path, description = "The session."), PageQuery),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<Note>)),
)]
async fn list(
    user: User,
    At(session): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<Note>>, ApiError> {
    let asked = query.asked()?;
    let mut scope = user.reading().await?;
    sessions::visible(&mut scope, session).await?;
    let key = (asked.after_at(), asked.after_id());
    let rows = scope
        .all(&LIST, &[&session, &key.0, &key.1, &asked.rows()])
        .await?;
    scope.commit().await?;
    Ok(Json(asked.page(rows)))
}

/// Add a note to a session of the caller
#[utoipa::path(
    post, path = "/sessions/{session_id}/notes", tag = "notes",
    operation_id = "create_note",
    params(("session_id" = Uuid, Path, description = "The session.")),
    request_body = NewNote,
    responses((
        status = 201, description = "The note.", body = Note,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create(
    user: User,
    At(session): At<Uuid>,
    Body(new): Body<NewNote>,
) -> Result<Made<Note>, ApiError> {
    let mut scope = user.writing().await?;
    sessions::visible(&mut scope, session).await?;
    let stored: Stored<Note> = scope.one(&CREATE, &[&session, &new.body]).await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/sessions/{session}/notes/{}", stored.record.id),
        stored,
    })
}

/// A note
#[utoipa::path(
    get, path = "/sessions/{session_id}/notes/{id}", tag = "notes",
    operation_id = "get_note",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The note."),
    ),
    responses((
        status = 200, description = "It.", body = Note,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn one(user: User, At((session, id)): At<(Uuid, Uuid)>) -> Result<Stored<Note>, ApiError> {
    user.one(&ONE, &[&session, &id]).await
}

/// Change a note on a session of the caller
#[utoipa::path(
    patch, path = "/sessions/{session_id}/notes/{id}", tag = "notes",
    operation_id = "change_note",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The note."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = NoteChange,
    responses((
        status = 200, description = "As it is now.", body = Note,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change(
    user: User,
    At((session, id)): At<(Uuid, Uuid)>,
    state: IfMatch,
    Body(change): Body<NoteChange>,
) -> Result<Stored<Note>, ApiError> {
    let values: Values<'_> = &[&session, &id, &state.wanted(), &change.body.value()];
    state
        .change(
            user.writing().await?,
            (&CHANGE, values),
            (&ONE, &[&session, &id]),
        )
        .await
}

/// Delete a note on a session of the caller
#[utoipa::path(
    delete, path = "/sessions/{session_id}/notes/{id}", tag = "notes",
    operation_id = "delete_note",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The note."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to go."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove(
    user: User,
    At((session, id)): At<(Uuid, Uuid)>,
    state: IfMatch,
) -> Result<StatusCode, ApiError> {
    let scope = user.writing().await?;
    state
        .remove::<Note>(
            scope,
            (REMOVE, &[&session, &id, &state.wanted()]),
            (&ONE, &[&session, &id]),
        )
        .await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
}
