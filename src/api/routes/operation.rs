//! Whether the server lives, whether it can serve, and what it has counted.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::app::App;
use crate::api::metrics::OPENMETRICS;
use crate::api::readiness::NotReady;

/// That the server lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `alive`.
    #[schema(example = "alive")]
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ready` or `not-ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The heads of the revisions that the program was built with.
    head: Vec<String>,
    /// Why not: `stopping`, `database`, `version-table`, `behind` or `ahead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Why not, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Whether the server lives
#[utoipa::path(
    get, path = "/livez", tag = "operation", operation_id = "is_alive",
    responses((status = 200, description = "It does.", body = Alive)),
    security(()),
)]
async fn alive() -> Json<Alive> {
    Json(Alive {
        status: "alive",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Whether requests can be served
///
/// The pool answers, and the database stands at the head of the revisions that the program was built
/// with.
#[utoipa::path(
    get, path = "/readyz", tag = "operation", operation_id = "is_ready",
    responses(
        (status = 200, description = "They can.", body = Ready),
        (status = 503, description = "They cannot.", body = Ready),
    ),
    security(()),
)]
async fn ready(State(app): State<App>) -> Response {
    let head = app.readiness.head();
    let Err(not) = app.readiness.ask(&app.access).await else {
        return Json(Ready {
            status: "ready",
            head,
            reason: None,
            detail: None,
        })
        .into_response();
    };
    let (reason, detail) = match not {
        NotReady::Stopping => ("stopping", "the server stops".to_owned()),
        NotReady::Database(cause) => {
            tracing::warn!(cause, "not ready: the database does not answer");
            ("database", "the database does not answer".to_owned())
        }
        NotReady::Unreadable(detail) => ("version-table", detail),
        NotReady::Behind { at, head } => (
            "behind",
            format!(
                "the database stands at {}, and should at {}",
                listed(&at, "no revision"),
                listed(&head, "no revision")
            ),
        ),
        NotReady::Ahead { unknown } => (
            "ahead",
            format!(
                "the database stands at {}, which this program does not know",
                listed(&unknown, "no revision")
            ),
        ),
    };
    let ready = Ready {
        status: "not-ready",
        head,
        reason: Some(reason),
        detail: Some(detail),
    };
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(RETRY_AFTER, "5")],
        Json(ready),
    )
        .into_response()
}

fn listed(ids: &[String], none: &str) -> String {
    if ids.is_empty() {
        return none.to_owned();
    }
    ids.join(", ")
}

/// What is counted, for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "operation", operation_id = "get_metrics",
    responses((status = 200, description = "All of it.", body = String, content_type = "application/openmetrics-text")),
    security(()),
)]
async fn metrics(State(app): State<App>) -> Response {
    ([(CONTENT_TYPE, OPENMETRICS)], app.metrics.text(&app.access)).into_response()
}

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}
