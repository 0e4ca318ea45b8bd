//! What was said in a session.

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
use crate::api::record::{Columns, Made, Page, Stored, record, words};
use crate::api::text;

words! {
    /// Who said something.
    pub(crate) enum Speaker {
        User = "user",
        Assistant = "assistant",
        System = "system",
    }
}

record! {
    /// Something that was said in a session.
    pub(crate) struct ChatTurn {
        /// Its id.
        pub(crate) id: Uuid,
        /// The session.
        pub(crate) session_id: Uuid,
        /// Who said it.
        pub(crate) speaker: Speaker,
        /// What was said.
        pub(crate) content: String,
        /// When it was stored.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for ChatTurn {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

/// A chat turn to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChatTurn {
    /// Who said it: the user where nothing is said.
    speaker: Option<Speaker>,
    /// What was said.
    #[serde(deserialize_with = "text::at_most::<100000, _, _>")]
    #[schema(pattern = r"^[^\x00]+$", max_length = 100000)]
    content: String,
}

/// What of a chat turn is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatTurnChange {
    /// Who said it.
    #[serde(default)]
    #[schema(value_type = Speaker, required = false)]
    speaker: Change<Speaker>,
    /// What was said.
    #[serde(default, deserialize_with = "text::at_most::<100000, _, _>")]
    #[schema(value_type = String, required = false, pattern = r"^[^\x00]+$", max_length = 100000)]
    content: Change<String>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.chat_turns where session_id = $1 \
         and ($2::timestamptz is null or (created_at, id) > ($2, $3)) \
         order by created_at, id limit $4",
        ChatTurn::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.chat_turns where session_id = $1 and id = $2",
        ChatTurn::NAMES
    )
});

static CREATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.chat_turns (session_id, speaker, content) \
         values ($1, coalesce($2, 'user'), $3) returning {}, xmin::text",
        ChatTurn::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.chat_turns set \
            speaker = coalesce($4, speaker), \
            content = coalesce($5, content) \
         where session_id = $1 and id = $2 and ($3::text is null or xmin::text = $3) \
         returning {}, xmin::text",
        ChatTurn::NAMES
    )
});

const REMOVE: &str = "delete from public.chat_turns \
     where session_id = $1 and id = $2 and ($3::text is null or xmin::text = $3)";

/// What was said in a session
#[utoipa::path(
    get, path = "/sessions/{session_id}/chat-turns", tag = "chat turns",
    operation_id = "list_chat_turns",
    params(("session_id" = Uuid, Path, description = "The session."), PageQuery),
    responses((status = 200, description = "A page of it, in the order of the talk.", body = Page<ChatTurn>)),
)]
async fn list(
    user: User,
    At(session): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ChatTurn>>, ApiError> {
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

/// Store what was said in a session of the caller
#[utoipa::path(
    post, path = "/sessions/{session_id}/chat-turns", tag = "chat turns",
    operation_id = "create_chat_turn",
    params(("session_id" = Uuid, Path, description = "The session.")),
    request_body = NewChatTurn,
    responses((
        status = 201, description = "The chat turn.", body = ChatTurn,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create(
    user: User,
    At(session): At<Uuid>,
    Body(new): Body<NewChatTurn>,
) -> Result<Made<ChatTurn>, ApiError> {
    let mut scope = user.writing().await?;
    sessions::visible(&mut scope, session).await?;
    let speaker = new.speaker.map(Speaker::as_str);
    let stored: Stored<ChatTurn> = scope
        .one(&CREATE, &[&session, &speaker, &new.content])
        .await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/sessions/{session}/chat-turns/{}", stored.record.id),
        stored,
    })
}

/// A chat turn
#[utoipa::path(
    get, path = "/sessions/{session_id}/chat-turns/{id}", tag = "chat turns",
    operation_id = "get_chat_turn",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The chat turn."),
    ),
    responses((
        status = 200, description = "It.", body = ChatTurn,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn one(
    user: User,
    At((session, id)): At<(Uuid, Uuid)>,
) -> Result<Stored<ChatTurn>, ApiError> {
    user.one(&ONE, &[&session, &id]).await
}

/// Change a chat turn in a session of the caller
#[utoipa::path(
    patch, path = "/sessions/{session_id}/chat-turns/{id}", tag = "chat turns",
    operation_id = "change_chat_turn",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The chat turn."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = ChatTurnChange,
    responses((
        status = 200, description = "As it is now.", body = ChatTurn,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change(
    user: User,
    At((session, id)): At<(Uuid, Uuid)>,
    state: IfMatch,
    Body(change): Body<ChatTurnChange>,
) -> Result<Stored<ChatTurn>, ApiError> {
    let speaker = change.speaker.value().copied().map(Speaker::as_str);
    let values: Values<'_> = &[
        &session,
        &id,
        &state.wanted(),
        &speaker,
        &change.content.value(),
    ];
    state
        .change(
            user.writing().await?,
            (&CHANGE, values),
            (&ONE, &[&session, &id]),
        )
        .await
}

/// Delete a chat turn in a session of the caller
#[utoipa::path(
    delete, path = "/sessions/{session_id}/chat-turns/{id}", tag = "chat turns",
    operation_id = "delete_chat_turn",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("id" = Uuid, Path, description = "The chat turn."),
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
        .remove::<ChatTurn>(
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
