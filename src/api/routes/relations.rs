//! Who cares for whom: a managed person invites, and either side ends it.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::api::access::Values;
use crate::api::app::App;
use crate::api::error::ApiError;
use crate::api::extract::{Asked, At, Body, Change, IfMatch, User};
use crate::api::page::{self, Key, Keyed};
use crate::api::record::{Columns, Made, Page, Stored, record, words};

words! {
    /// How a relation stands. Only an active one lets the caregiver read.
    pub(crate) enum RelationStatus {
        Pending = "pending",
        Active = "active",
        Revoked = "revoked",
    }
}

record! {
    /// That somebody cares for somebody.
    pub(crate) struct CaregiverRelation {
        /// Its id.
        pub(crate) id: Uuid,
        /// The caregiver.
        pub(crate) caregiver_id: Uuid,
        /// The managed person.
        pub(crate) profile_id: Uuid,
        /// How it stands.
        pub(crate) status: RelationStatus,
        /// When the managed person invited.
        pub(crate) created_at: DateTime<Utc>,
    }
}

impl Keyed for CaregiverRelation {
    fn key(&self) -> Key {
        Key {
            at: self.created_at,
            id: self.id,
        }
    }
}

words! {
    /// On which side of a relation the caller is: that of who cares, or of who is cared for.
    pub(crate) enum Side {
        Caregiver = "caregiver",
        Managed = "managed",
    }
}

/// Which relations, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RelationList {
    /// Those that stand so.
    #[param(inline)]
    status: Option<RelationStatus>,
    /// Those in which the caller is on this side.
    #[param(inline)]
    side: Option<Side>,
    /// How many at most: 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// Whom the caller invites to care for them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invitation {
    /// The caregiver.
    caregiver_id: Uuid,
}

/// What of a relation is to change. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelationChange {
    /// How it stands.
    #[serde(default)]
    #[schema(value_type = RelationStatus, required = false)]
    status: Change<RelationStatus>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from public.caregiver_relations \
         where ($1::text is null or status = $1) \
         and ($2::text is null or case $2 when 'caregiver' then caregiver_id else profile_id end \
            = (select auth.uid())) \
         and ($3::timestamptz is null or (created_at, id) > ($3, $4)) \
         order by created_at, id limit $5",
        CaregiverRelation::NAMES
    )
});

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}, xmin::text from public.caregiver_relations where id = $1",
        CaregiverRelation::NAMES
    )
});

static INVITE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into public.caregiver_relations (caregiver_id) values ($1) returning {}, xmin::text",
        CaregiverRelation::NAMES
    )
});

static CHANGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "update public.caregiver_relations set status = coalesce($3, status) \
         where id = $1 and ($2::text is null or xmin::text = $2) returning {}, xmin::text",
        CaregiverRelation::NAMES
    )
});

const END: &str = "delete from public.caregiver_relations \
     where id = $1 and ($2::text is null or xmin::text = $2)";

/// The relations of the caller, on either side
#[utoipa::path(
    get, path = "/caregiver-relations", tag = "caregiver relations",
    operation_id = "list_caregiver_relations",
    params(RelationList),
    responses((status = 200, description = "A page of them, the oldest first.", body = Page<CaregiverRelation>)),
)]
async fn list(
    user: User,
    Asked(list): Asked<RelationList>,
) -> Result<Json<Page<CaregiverRelation>>, ApiError> {
    let asked = page::Asked::parse(list.limit, list.cursor.as_deref())?;
    let mut scope = user.reading().await?;
    let rows = scope
        .all(
            &LIST,
            &[
                &list.status.map(RelationStatus::as_str),
                &list.side.map(Side::as_str),
                &asked.after_at(),
                &asked.after_id(),
                &asked.rows(),
            ],
        )
        .await?;
    scope.commit().await?;
    Ok(Json(asked.page(rows)))
}

/// Invite somebody to care for the caller
///
/// The relation is pending until the caller, who is the managed person, makes it active.
#[utoipa::path(
    post, path = "/caregiver-relations", tag = "caregiver relations",
    operation_id = "invite_caregiver",
    request_body = Invitation,
    responses((
        status = 201, description = "The relation.", body = CaregiverRelation,
        headers(
            ("ETag" = String, description = "Its state."),
            ("Location" = String, description = "Its path."),
        ),
    )),
)]
async fn invite(
    user: User,
    Body(new): Body<Invitation>,
) -> Result<Made<CaregiverRelation>, ApiError> {
    let mut scope = user.writing().await?;
    let stored: Stored<CaregiverRelation> = scope.one(&INVITE, &[&new.caregiver_id]).await?;
    scope.commit().await?;
    Ok(Made {
        at: format!("/caregiver-relations/{}", stored.record.id),
        stored,
    })
}

/// A relation
#[utoipa::path(
    get, path = "/caregiver-relations/{id}", tag = "caregiver relations",
    operation_id = "get_caregiver_relation",
    params(("id" = Uuid, Path, description = "The relation.")),
    responses((
        status = 200, description = "It.", body = CaregiverRelation,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn one(user: User, At(id): At<Uuid>) -> Result<Stored<CaregiverRelation>, ApiError> {
    user.one(&ONE, &[&id]).await
}

/// Change how a relation stands
///
/// Only the managed person may.
#[utoipa::path(
    patch, path = "/caregiver-relations/{id}", tag = "caregiver relations",
    operation_id = "change_caregiver_relation",
    params(
        ("id" = Uuid, Path, description = "The relation."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to change."),
    ),
    request_body = RelationChange,
    responses((
        status = 200, description = "As it is now.", body = CaregiverRelation,
        headers(("ETag" = String, description = "Its state.")),
    )),
)]
async fn change(
    user: User,
    At(id): At<Uuid>,
    state: IfMatch,
    Body(change): Body<RelationChange>,
) -> Result<Stored<CaregiverRelation>, ApiError> {
    let status = change.status.value().copied().map(RelationStatus::as_str);
    let values: Values<'_> = &[&id, &state.wanted(), &status];
    state
        .change(user.writing().await?, (&CHANGE, values), (&ONE, &[&id]))
        .await
}

/// End a relation
///
/// Either side may.
#[utoipa::path(
    delete, path = "/caregiver-relations/{id}", tag = "caregiver relations",
    operation_id = "end_caregiver_relation",
    params(
        ("id" = Uuid, Path, description = "The relation."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the state that is to end."),
    ),
    responses((status = 204, description = "It is ended.")),
)]
async fn end(user: User, At(id): At<Uuid>, state: IfMatch) -> Result<StatusCode, ApiError> {
    let scope = user.writing().await?;
    let values: Values<'_> = &[&id, &state.wanted()];
    state
        .remove::<CaregiverRelation>(scope, (END, values), (&ONE, &[&id]))
        .await
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(one, change, end))
}
