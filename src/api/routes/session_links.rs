//! The activities and the topics of a session. The two are alike but for their names, so each route
//! does what `Links` says for both.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::catalogue::CatalogueEntry;
use super::sessions;
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, User};
use crate::api::page::PageQuery;
use crate::api::record::{Columns, Page};

/// One of the two tables that link sessions to the catalogue: what is said to it.
struct Links {
    list: String,
    known: String,
    put: String,
    remove: String,
}

static ACTIVITIES: LazyLock<Links> = LazyLock::new(|| Links::of("activities", "activity_id"));
static TOPICS: LazyLock<Links> = LazyLock::new(|| Links::of("topics", "topic_id"));

impl Links {
    fn of(entries: &str, id: &str) -> Self {
        let columns = CatalogueEntry::NAMES;
        Self {
            list: format!(
                "select {columns} from public.{entries} \
                 where id in (select {id} from public.session_{entries} where session_id = $1) \
                 and ($2::timestamptz is null or (created_at, id) > ($2, $3)) \
                 order by created_at, id limit $4"
            ),
            known: format!("select id from public.{entries} where id = $1"),
            put: format!(
                "insert into public.session_{entries} (session_id, {id}) values ($1, $2) \
                 on conflict do nothing"
            ),
            remove: format!(
                "delete from public.session_{entries} where session_id = $1 and {id} = $2"
            ),
        }
    }

    async fn list(
        &'static self,
        user: User,
        session: Uuid,
        query: &PageQuery,
    ) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
        let asked = query.asked()?;
        let mut scope = user.reading().await?;
        sessions::visible(&mut scope, session).await?;
        let key = (asked.after_at(), asked.after_id());
        let rows = scope
            .all(&self.list, &[&session, &key.0, &key.1, &asked.rows()])
            .await?;
        scope.commit().await?;
        Ok(Json(asked.page(rows)))
    }

    async fn put(
        &'static self,
        user: User,
        session: Uuid,
        entry: Uuid,
    ) -> Result<StatusCode, ApiError> {
        let mut scope = user.writing().await?;
        sessions::visible(&mut scope, session).await?;
        scope.one::<Uuid>(&self.known, &[&entry]).await?;
        let put = scope.execute(&self.put, &[&session, &entry]).await;
        let added = put.map_err(|error| match error {
            // One of the two was deleted since it was asked for.
            ApiError::Invalid { .. } => ApiError::NotFound,
            error => error,
        })?;
        scope.commit().await?;
        Ok(match added {
            0 => StatusCode::NO_CONTENT,
            _ => StatusCode::CREATED,
        })
    }

    async fn remove(
        &'static self,
        user: User,
        session: Uuid,
        entry: Uuid,
    ) -> Result<StatusCode, ApiError> {
        let mut scope = user.writing().await?;
        if scope.execute(&self.remove, &[&session, &entry]).await? == 0 {
            return Err(ApiError::NotFound);
        }
        scope.commit().await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// The activities of a session
#[utoipa::path(
    get, path = "/sessions/{session_id}/activities", tag = "session activities",
    operation_id = "list_session_activities",
    params(("session_id" = Uuid, Path, description = "The session."), PageQuery),
    responses((
        status = 200, description = "A page of them, in the order of the catalogue.",
        body = Page<CatalogueEntry>,
    )),
)]
async fn activities(
    user: User,
    At(session): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
    ACTIVITIES.list(user, session, &query).await
}

/// Link an activity to a session of the caller
#[utoipa::path(
    put, path = "/sessions/{session_id}/activities/{activity_id}", tag = "session activities",
    operation_id = "add_session_activity",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("activity_id" = Uuid, Path, description = "The activity."),
    ),
    responses(
        (status = 201, description = "It is linked from now on."),
        (status = 204, description = "It was linked before."),
    ),
)]
async fn add_activity(
    user: User,
    At((session, activity)): At<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    ACTIVITIES.put(user, session, activity).await
}

/// Unlink an activity from a session of the caller
#[utoipa::path(
    delete, path = "/sessions/{session_id}/activities/{activity_id}", tag = "session activities",
    operation_id = "remove_session_activity",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("activity_id" = Uuid, Path, description = "The activity."),
    ),
    responses((status = 204, description = "It is linked no more.")),
)]
async fn remove_activity(
    user: User,
    At((session, activity)): At<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    ACTIVITIES.remove(user, session, activity).await
}

/// The topics of a session
#[utoipa::path(
    get, path = "/sessions/{session_id}/topics", tag = "session topics",
    operation_id = "list_session_topics",
    params(("session_id" = Uuid, Path, description = "The session."), PageQuery),
    responses((
        status = 200, description = "A page of them, in the order of the catalogue.",
        body = Page<CatalogueEntry>,
    )),
)]
async fn topics(
    user: User,
    At(session): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
    TOPICS.list(user, session, &query).await
}

/// Link a topic to a session of the caller
#[utoipa::path(
    put, path = "/sessions/{session_id}/topics/{topic_id}", tag = "session topics",
    operation_id = "add_session_topic",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("topic_id" = Uuid, Path, description = "The topic."),
    ),
    responses(
        (status = 201, description = "It is linked from now on."),
        (status = 204, description = "It was linked before."),
    ),
)]
async fn add_topic(
    user: User,
    At((session, topic)): At<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    TOPICS.put(user, session, topic).await
}

/// Unlink a topic from a session of the caller
#[utoipa::path(
    delete, path = "/sessions/{session_id}/topics/{topic_id}", tag = "session topics",
    operation_id = "remove_session_topic",
    params(
        ("session_id" = Uuid, Path, description = "The session."),
        ("topic_id" = Uuid, Path, description = "The topic."),
    ),
    responses((status = 204, description = "It is linked no more.")),
)]
async fn remove_topic(
    user: User,
    At((session, topic)): At<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    TOPICS.remove(user, session, topic).await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(activities))
        .routes(routes!(add_activity, remove_activity))
        .routes(routes!(topics))
        .routes(routes!(add_topic, remove_topic))
}
