//! Medications: one's own, and those of the persons whom one cares for.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
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
use crate::api::record::{Columns, Document, Made, Page, Stored, record};
use crate::api::text;

record! {
    /// What a person takes.
    pub(crate) struct Medication {
        /// Its id.
        pub(crate) id: Uuid,
        /// Whose it is.
        pub(crate) profile_id: Uuid,
        /// What it is called.
        pub(crate) name: String,
        /// How much of it.
        pub(crate) dosage: Option<String>,
        /// When it is taken, as the application writes it down.
        #[schema(schema_with = schedule)]
        pub(crate) schedule: Document,
        /// When it was stored.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for Medication {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

/// An object or an array, of whatever is in it.
fn schedule() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Array]))
        .description(Some(
            "When it is taken, as the application writes it down: an object or an array, \
             of at most 65536 bytes.",
        ))
}

/// Which medications, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MedicationList {
    /// Those of this person.
    profile_id: Option<Uuid>,
    /// How many at most: 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// A medication to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMedication {
    /// What it is called.
    #[serde(deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    name: String,
    /// How much of it.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    dosage: Option<String>,
    /// When it is taken.
    #[serde(default, deserialize_with = "text::document")]
    #[schema(schema_with = schedule, required = false)]
    schedule: Change<Document>,
}

/// What of a medication is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MedicationChange {
    /// What it is called.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(value_type = String, required = false, pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    name: Change<String>,
    /// How much of it.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(value_type = Option<String>, pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    dosage: Change<Option<String>>,
    /// When it is taken; it takes the place of what was there.
    #[serde(default, deserialize_with = "text::document")]
    #[schema(schema_with = schedule, required = false)]
    schedule: Change<Document>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.medications \
         where ($1::uuid is null or profile_id = $1) \
         and ($2::timestamptz is null or (created_at, id) > ($2, $3)) \
         order by created_at, id limit $4",
        Medication::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.medications where id = $1",
        Medication::NAMES
    )
});

static CREATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.medications (name, dosage, schedule) \
         values ($1, $2, coalesce($3::jsonb, '{{}}')) returning {}, xmin::text",
        Medication::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.medications set \
            name = coalesce($3, name), \
            dosage = case when $4 then $5 else dosage end, \
            schedule = coalesce($6, schedule) \
         where id = $1 and ($2::text is null or xmin::text = $2) returning {}, xmin::text",
        Medication::NAMES
    )
});

const REMOVE: &str = "delete from public.medications \
     where id = $1 and ($2::text is null or xmin::text = $2)";

async fn page_of(
    scope: &mut Scope,
    person: Option<Uuid>,
    asked: &page::Asked,
) -> Result<Json<Page<Medication>>, ApiError> {
    let key = (asked.after_at(), asked.after_id());
    let values = (&person, &key.0, &key.1, &asked.rows());
    let rows = scope
        .all(&LIST, &[values.0, values.1, values.2, values.3])
        .await?;
    Ok(Json(asked.page(rows)))
}

/// The medications that the caller may see
#[utoipa::path(
    get, path = "/medications", tag = "medications", operation_id = "list_medications",
    params(MedicationList),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<Medication>)),
)]
async fn list(
    user: User,
    Asked(list): Asked<MedicationList>,
) -> Result<Json<Page<Medication>>, ApiError> {
    let asked = page::Asked::parse(list.limit, list.cursor.as_deref())?;
    let mut scope = user.reading().await?;
    let page = page_of(&mut scope, list.profile_id, &asked).await?;
    scope.commit().await?;
    Ok(page)
}

/// The medications of a person: of oneself, or of somebody whom the caller cares for
#[utoipa::path(
    get, path = "/profiles/{id}/medications", tag = "medications",
    operation_id = "list_profile_medications",
    params(("id" = Uuid, Path, description = "The person."), PageQuery),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<Medication>)),
)]
async fn list_of(
    user: User,
    At(id): At<Uuid>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<Medication>>, ApiError> {
    let asked = query.asked()?;
    let mut scope = user.reading().await?;
    profiles::visible(&mut scope, id).await?;
    let page = page_of(&mut scope, Some(id), &asked).await?;
    scope.commit().await?;
    Ok(page)
}

/// Add a medication of the caller
#[utoipa::path(
    post, path = "/medications", tag = "medications", operation_id = "create_medication",
    request_body = NewMedication,
    responses((
        status = 201, description = "The medication.", body = Medication,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create(user: User, Body(new): Body<NewMedication>) -> Result<Made<Medication>, ApiError> {
    let mut scope = user.writing().await?;
    let stored: Stored<Medication> = scope
        .one(&CREATE, &[&new.name, &new.dosage, &new.schedule.value()])
        .await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/medications/{}", stored.record.id),
        stored,
    })
}

/// A medication
#[utoipa::path(
    get, path = "/medications/{id}", tag = "medications", operation_id = "get_medication",
    params(("id" = Uuid, Path, description = "The medication.")),
    responses((
        status = 200, description = "It.", body = Medication,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn one(user: User, At(id): At<Uuid>) -> Result<Stored<Medication>, ApiError> {
    user.one(&ONE, &[&id]).await
}

/// Change a medication of the caller
#[utoipa::path(
    patch, path = "/medications/{id}", tag = "medications", operation_id = "change_medication",
    params(
        ("id" = Uuid, Path, description = "The medication."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = MedicationChange,
    responses((
        status = 200, description = "As it is now.", body = Medication,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change(
    user: User,
    At(id): At<Uuid>,
    state: IfMatch,
    Body(change): Body<MedicationChange>,
) -> Result<Stored<Medication>, ApiError> {
    let values: Values<'_> = &[
        &id,
        &state.wanted(),
        &change.name.value(),
        &change.dosage.is_set(),
        &change.dosage.nullable(),
        &change.schedule.value(),
    ];
    state
        .change(user.writing().await?, (&CHANGE, values), (&ONE, &[&id]))
        .await
}

/// Delete a medication of the caller
#[utoipa::path(
    delete, path = "/medications/{id}", tag = "medications", operation_id = "delete_medication",
    params(
        ("id" = Uuid, Path, description = "The medication."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to go."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove(user: User, At(id): At<Uuid>, state: IfMatch) -> Result<StatusCode, ApiError> {
    let scope = user.writing().await?;
    state
        .remove::<Medication>(scope, (REMOVE, &[&id, &state.wanted()]), (&ONE, &[&id]))
        .await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_of))
        .routes(routes!(one, change, remove))
}
