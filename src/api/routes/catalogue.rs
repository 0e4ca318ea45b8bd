//! The catalogue: activities and topics. Users read them, the service writes them. The two are alike
//! but for their names, so each route does what `Table` says for both.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::api::access::Values;
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, Body, Change, IfMatch, Service, User};
use crate::api::page::{Key, Keyed, PageQuery};
use crate::api::record::{Columns, Made, Page, Stored, record};
use crate::api::text;

record! {
    /// An activity, or a topic.
    pub(crate) struct CatalogueEntry {
        /// Its id.
        pub(crate) id: Uuid,
        /// What it is called; no two have one name.
        pub(crate) name: String,
        /// What it is about.
        pub(crate) description: Option<String>,
        /// When it was stored.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for CatalogueEntry {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

/// An activity or a topic to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCatalogueEntry {
    /// What it is called; no two have one name.
    #[serde(deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    name: String,
    /// What it is about.
    #[serde(default, deserialize_with = "text::at_most::<2000, _, _>")]
    #[schema(pattern = r"^[^\x00]*$", max_length = 2000)]
    description: Option<String>,
}

/// What of an activity or a topic is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogueEntryChange {
    /// What it is called; no two have one name.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(value_type = String, required = false, pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    name: Change<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "text::at_most::<2000, _, _>")]
    #[schema(value_type = Option<String>, pattern = r"^[^\x00]*$", max_length = 2000)]
    description: Change<Option<String>>,
}

/// One of the two tables: its name, and what is said to it.
struct Table {
    name: &'static str,
    list: String,
    one: String,
    create: String,
    change: String,
    remove: String,
}

static ACTIVITIES: LazyLock<Table> = LazyLock::new(|| Table::of("activities"));
static TOPICS: LazyLock<Table> = LazyLock::new(|| Table::of("topics"));

impl Table {
    fn of(name: &'static str) -> Self {
        let columns = CatalogueEntry::NAMES;
        Self {
            name,
            list: format!(
                "select {columns} from public.{name} \
                 where $1::timestamptz is null or (created_at, id) > ($1, $2) \
                 order by created_at, id limit $3"
            ),
            one: format!("select {columns}, xmin::text from public.{name} where id = $1"),
            create: format!(
                "insert into public.{name} (name, description) values ($1, $2) \
                 returning {columns}, xmin::text"
            ),
            change: format!(
                "update public.{name} set \
                    name = coalesce($3, name), \
                    description = case when $4 then $5 else description end \
                 where id = $1 and ($2::text is null or xmin::text = $2) \
                 returning {columns}, xmin::text"
            ),
            remove: format!(
                "delete from public.{name} \
                 where id = $1 and ($2::text is null or xmin::text = $2)"
            ),
        }
    }

    async fn list(
        &'static self,
        user: User,
        query: &PageQuery,
    ) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
        let asked = query.asked()?;
        let mut scope = user.reading().await?;
        let key = (asked.after_at(), asked.after_id());
        let rows = scope
            .all(&self.list, &[&key.0, &key.1, &asked.rows()])
            .await?;
        scope.commit().await?;
        Ok(Json(asked.page(rows)))
    }

    async fn one(&'static self, user: User, id: Uuid) -> Result<Stored<CatalogueEntry>, ApiError> {
        let mut scope = user.reading().await?;
        let entry = scope.one(&self.one, &[&id]).await?;
        scope.commit().await?;
        Ok(entry)
    }

    async fn create(
        &'static self,
        service: Service,
        new: NewCatalogueEntry,
    ) -> Result<Made<CatalogueEntry>, ApiError> {
        let mut scope = service.writing().await?;
        let stored: Stored<CatalogueEntry> = scope
            .one(&self.create, &[&new.name, &new.description])
            .await?;
        scope.commit().await?;
        Ok(Made {
            at: format!("/{}/{}", self.name, stored.record.id),
            stored,
        })
    }

    async fn change(
        &'static self,
        service: Service,
        id: Uuid,
        state: IfMatch,
        change: CatalogueEntryChange,
    ) -> Result<Stored<CatalogueEntry>, ApiError> {
        let values: Values<'_> = &[
            &id,
            &state.wanted(),
            &change.name.value(),
            &change.description.is_set(),
            &change.description.nullable(),
        ];
        let scope = service.writing().await?;
        state
            .change(scope, (&self.change, values), (&self.one, &[&id]))
            .await
    }

    async fn remove(
        &'static self,
        service: Service,
        id: Uuid,
        state: IfMatch,
    ) -> Result<StatusCode, ApiError> {
        let scope = service.writing().await?;
        let values: Values<'_> = &[&id, &state.wanted()];
        state
            .remove::<CatalogueEntry>(scope, (&self.remove, values), (&self.one, &[&id]))
            .await
    }
}

/// The activities
#[utoipa::path(
    get, path = "/activities", tag = "catalogue", operation_id = "list_activities",
    params(PageQuery),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<CatalogueEntry>)),
)]
async fn activities(
    user: User,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
    ACTIVITIES.list(user, &query).await
}

/// An activity
#[utoipa::path(
    get, path = "/activities/{id}", tag = "catalogue", operation_id = "get_activity",
    params(("id" = Uuid, Path, description = "The activity.")),
    responses((
        status = 200, description = "It.", body = CatalogueEntry,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn activity(user: User, At(id): At<Uuid>) -> Result<Stored<CatalogueEntry>, ApiError> {
    ACTIVITIES.one(user, id).await
}

/// Add an activity
#[utoipa::path(
    post, path = "/activities", tags = ["catalogue", "service"], operation_id = "create_activity",
    request_body = NewCatalogueEntry,
    responses((
        status = 201, description = "The activity.", body = CatalogueEntry,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create_activity(
    service: Service,
    Body(new): Body<NewCatalogueEntry>,
) -> Result<Made<CatalogueEntry>, ApiError> {
    ACTIVITIES.create(service, new).await
}

/// Change an activity
#[utoipa::path(
    patch, path = "/activities/{id}", tags = ["catalogue", "service"], operation_id = "change_activity",
    params(
        ("id" = Uuid, Path, description = "The activity."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = CatalogueEntryChange,
    responses((
        status = 200, description = "As it is now.", body = CatalogueEntry,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change_activity(
    service: Service,
    At(id): At<Uuid>,
    state: IfMatch,
    Body(change): Body<CatalogueEntryChange>,
) -> Result<Stored<CatalogueEntry>, ApiError> {
    ACTIVITIES.change(service, id, state, change).await
}

/// Delete an activity, also from the sessions that it is linked to
#[utoipa::path(
    delete, path = "/activities/{id}", tags = ["catalogue", "service"], operation_id = "delete_activity",
    params(
        ("id" = Uuid, Path, description = "The activity."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to go."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove_activity(
    service: Service,
    At(id): At<Uuid>,
    state: IfMatch,
) -> Result<StatusCode, ApiError> {
    ACTIVITIES.remove(service, id, state).await
}

/// The topics
#[utoipa::path(
    get, path = "/topics", tag = "catalogue", operation_id = "list_topics",
    params(PageQuery),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<CatalogueEntry>)),
)]
async fn topics(
    user: User,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CatalogueEntry>>, ApiError> {
    TOPICS.list(user, &query).await
}

/// A topic
#[utoipa::path(
    get, path = "/topics/{id}", tag = "catalogue", operation_id = "get_topic",
    params(("id" = Uuid, Path, description = "The topic.")),
    responses((
        status = 200, description = "It.", body = CatalogueEntry,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn topic(user: User, At(id): At<Uuid>) -> Result<Stored<CatalogueEntry>, ApiError> {
    TOPICS.one(user, id).await
}

/// Add a topic
#[utoipa::path(
    post, path = "/topics", tags = ["catalogue", "service"], operation_id = "create_topic",
    request_body = NewCatalogueEntry,
    responses((
        status = 201, description = "The topic.", body = CatalogueEntry,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create_topic(
    service: Service,
    Body(new): Body<NewCatalogueEntry>,
) -> Result<Made<CatalogueEntry>, ApiError> {
    TOPICS.create(service, new).await
}

/// Change a topic
#[utoipa::path(
    patch, path = "/topics/{id}", tags = ["catalogue", "service"], operation_id = "change_topic",
    params(
        ("id" = Uuid, Path, description = "The topic."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = CatalogueEntryChange,
    responses((
        status = 200, description = "As it is now.", body = CatalogueEntry,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change_topic(
    service: Service,
    At(id): At<Uuid>,
    state: IfMatch,
    Body(change): Body<CatalogueEntryChange>,
) -> Result<Stored<CatalogueEntry>, ApiError> {
    TOPICS.change(service, id, state, change).await
}

/// Delete a topic, also from the sessions that it is linked to
#[utoipa::path(
    delete, path = "/topics/{id}", tags = ["catalogue", "service"], operation_id = "delete_topic",
    params(
        ("id" = Uuid, Path, description = "The topic."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to go."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove_topic(
    service: Service,
    At(id): At<Uuid>,
    state: IfMatch,
) -> Result<StatusCode, ApiError> {
    TOPICS.remove(service, id, state).await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(activities, create_activity))
        .routes(routes!(activity, change_activity, remove_activity))
        .routes(routes!(topics, create_topic))
        .routes(routes!(topic, change_topic, remove_topic))
}
