//! What the service does for everybody: it sees all profiles, and makes them.

use std::sync::LazyLock;

use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::profiles::Profile;
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, Body, Service};
use crate::api::page;
use crate::api::record::{Columns, Made, Page, Stored};
use crate::api::text;

/// Which profiles, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AllProfilesList {
    /// Those with exactly this address.
    #[param(pattern = r"^[^\x00]*$")]
    email: Option<String>,
    /// How many at most: 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// A profile to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProfile {
    /// That of the auth user.
    id: Uuid,
    /// As the auth system knows it.
    #[serde(deserialize_with = "text::at_most::<320, _, _>")]
    #[schema(pattern = r"^[^@\s\x00]+@[^@\s\x00]+$", max_length = 320)]
    email: String,
    /// The name that the person goes by.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    full_name: Option<String>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.profiles where ($1::text is null or email = $1) \
         and ($2::timestamptz is null or (created_at, id) > ($2, $3)) \
         order by created_at, id limit $4",
        Profile::NAMES
    )
});

static CREATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.profiles (id, email, full_name) values ($1, $2, $3) \
         returning {}, xmin::text",
        Profile::NAMES
    )
});

/// All profiles
#[utoipa::path(
    get, path = "/admin/all-profiles", tags = ["admin", "service"],
    operation_id = "list_all_profiles",
    params(AllProfilesList),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<Profile>)),
)]
async fn all(
    service: Service,
    Asked(list): Asked<AllProfilesList>,
) -> Result<Json<Page<Profile>>, ApiError> {
    let asked = page::Asked::parse(list.limit, list.cursor.as_deref())?;
    let mut scope = service.reading().await?;
    let key = (asked.after_at(), asked.after_id());
    let rows = scope
        .all(&LIST, &[&list.email, &key.0, &key.1, &asked.rows()])
        .await?;
    scope.commit().await?;
    Ok(Json(asked.page(rows)))
}

/// Make the profile of an auth user
///
/// The person reads it at the path that is told.
#[utoipa::path(
    post, path = "/admin/profiles", tags = ["admin", "service"], operation_id = "create_profile",
    request_body = NewProfile,
    responses((
        status = 201, description = "The profile.", body = Profile,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn create(service: Service, Body(new): Body<NewProfile>) -> Result<Made<Profile>, ApiError> {
    let mut scope = service.writing().await?;
    let stored: Stored<Profile> = scope
        .one(&CREATE, &[&new.id, &new.email, &new.full_name])
        .await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/profiles/{}", stored.record.id),
        stored,
    })
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(all))
        .routes(routes!(create))
}
