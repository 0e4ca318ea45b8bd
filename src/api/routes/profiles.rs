//! Profiles: one's own, and those that one cares for.

use std::sync::LazyLock;

use axum::Json;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::api::access::{Scope, Values};
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, Body, Change, IfMatch, User};
use crate::api::page::{Key, Keyed, PageQuery};
use crate::api::record::{Columns, Document, Page, Stored, record};
use crate::api::text;
use crate::api::time::Day;

record! {
    /// A person.
    pub(crate) struct Profile {
        /// That of the auth user.
        pub(crate) id: Uuid,
        /// As the auth system knows it.
        pub(crate) email: String,
        /// The name that the person goes by.
        pub(crate) full_name: Option<String>,
        /// A telephone number.
        pub(crate) phone: Option<String>,
        /// The day of birth.
        pub(crate) birth_date: Option<NaiveDate>,
        /// A language tag: `en`, `pt-BR`.
        pub(crate) locale: String,
        /// The name of a time zone: `Europe/Lisbon`.
        pub(crate) time_zone: String,
        /// What the person set in the application.
        #[schema(value_type = Object)]
        pub(crate) preferences: Document,
        /// When the profile was made.
        pub(crate) created_at: DateTime<Utc>,
        /// When it was last changed.
        pub(crate) updated_at: DateTime<Utc>,
    }
}

impl Keyed for Profile {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

/// What of a profile is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileChange {
    /// The name that the person goes by.
    #[serde(default, deserialize_with = "text::at_most::<200, _, _>")]
    #[schema(value_type = Option<String>, pattern = r"^[^\x00]*[^ \x00][^\x00]*$", max_length = 200)]
    full_name: Change<Option<String>>,
    /// A telephone number.
    #[serde(default, deserialize_with = "text::at_most::<32, _, _>")]
    #[schema(value_type = Option<String>, pattern = r"^\+?[0-9][0-9 ()./-]{1,30}$", max_length = 32)]
    phone: Change<Option<String>>,
    /// The day of birth.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    birth_date: Change<Option<Day>>,
    /// A language tag.
    #[serde(default, deserialize_with = "text::at_most::<64, _, _>")]
    #[schema(value_type = String, required = false, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 64)]
    locale: Change<String>,
    /// The name of a time zone.
    #[serde(default, deserialize_with = "text::at_most::<64, _, _>")]
    #[schema(value_type = String, required = false, pattern = "^[A-Za-z0-9_+/-]{1,64}$", max_length = 64)]
    time_zone: Change<String>,
    /// What the person set in the application; it takes the place of what was there,
    /// and has at most 65536 bytes.
    #[serde(default, deserialize_with = "text::document")]
    #[schema(value_type = Object, required = false)]
    preferences: Change<Document>,
}

static OWN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.profiles where id = (select auth.uid())",
        Profile::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.profiles where id = $1",
        Profile::NAMES
    )
});

static MANAGED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.profiles where id <> (select auth.uid()) \
         and ($1::timestamptz is null or (created_at, id) > ($1, $2)) \
         order by created_at, id limit $3",
        Profile::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.profiles set \
            full_name = case when $2 then $3 else full_name end, \
            phone = case when $4 then $5 else phone end, \
            birth_date = case when $6 then $7 else birth_date end, \
            locale = case when $8 then $9 else locale end, \
            time_zone = case when $10 then $11 else time_zone end, \
            preferences = case when $12 then $13 else preferences end \
         where id = (select auth.uid()) and ($1::text is null or xmin::text = $1) \
         returning {}, xmin::text",
        Profile::NAMES
    )
});

/// Asks for a person before what is theirs, so that where the person is hidden, all of it is.
pub(super) async fn visible(scope: &mut Scope, id: Uuid) -> Result<(), ApiError> {
    let one = "select id from public.profiles where id = $1";
    scope.one::<Uuid>(one, &[&id]).await?;
    Ok(())
}

/// The caller's own profile
#[utoipa::path(
    get, path = "/profile", tag = "profiles", operation_id = "get_own_profile",
    responses((status = 200, description = "It.", body = Profile, headers(("ETag" = String, description = "Its state.")))),
)]
async fn own(user: User) -> Result<Stored<Profile>, ApiError> {
    user.one(&OWN, &[]).await
}

/// Change the caller's own profile
#[utoipa::path(
    patch, path = "/profile", tag = "profiles", operation_id = "change_own_profile",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change.")),
    request_body = ProfileChange,
    responses((status = 200, description = "As it is now.", body = Profile, headers(("ETag" = String, description = "Its state.")))),
)]
async fn change_own(
    user: User,
    state: IfMatch,
    Body(change): Body<ProfileChange>,
) -> Result<Stored<Profile>, ApiError> {
    let values: Values<'_> = &[
        &state.wanted(),
        &change.full_name.is_set(),
        &change.full_name.nullable(),
        &change.phone.is_set(),
        &change.phone.nullable(),
        &change.birth_date.is_set(),
        &change.birth_date.nullable().copied().map(Day::get),
        &change.locale.is_set(),
        &change.locale.value(),
        &change.time_zone.is_set(),
        &change.time_zone.value(),
        &change.preferences.is_set(),
        &change.preferences.value(),
    ];
    state
        .change(user.writing().await?, (&CHANGE, values), (&OWN, &[]))
        .await
}

/// The profiles that the caller cares for
#[utoipa::path(
    get, path = "/profiles", tag = "profiles", operation_id = "list_profiles",
    params(PageQuery),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<Profile>)),
)]
async fn managed(
    user: User,
    Asked(list): Asked<PageQuery>,
) -> Result<Json<Page<Profile>>, ApiError> {
    let asked = list.asked()?;
    let mut scope = user.reading().await?;
    let values = (asked.after_at(), asked.after_id(), asked.rows());
    let rows = scope
        .all(&MANAGED, &[&values.0, &values.1, &values.2])
        .await?;
    scope.commit().await?;
    Ok(Json(asked.page(rows)))
}

/// A profile: one's own, or one that the caller cares for
#[utoipa::path(
    get, path = "/profiles/{id}", tag = "profiles", operation_id = "get_profile",
    params(("id" = Uuid, Path, description = "The person.")),
    responses((status = 200, description = "It.", body = Profile, headers(("ETag" = String, description = "Its state.")))),
)]
async fn one(user: User, At(id): At<Uuid>) -> Result<Stored<Profile>, ApiError> {
    user.one(&ONE, &[&id]).await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own, change_own))
        .routes(routes!(managed))
        .routes(routes!(one))
}
