//! All routes, and the document that describes them.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    admin, catalogue, chat_turns, medications, notes, operation, profiles, relations,
    session_links, sessions,
};
use crate::api::app::App;
use crate::api::openapi;

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(profiles::routes())
        .merge(relations::routes())
        .merge(sessions::routes())
        .merge(chat_turns::routes())
        .merge(notes::routes())
        .merge(session_links::routes())
        .merge(medications::routes())
        .merge(catalogue::routes())
        .merge(admin::routes())
        .merge(operation::routes())
}

/// The routes, and their document.
pub(crate) fn routes() -> (Router<App>, OpenApi) {
    let (router, document) = described().split_for_parts();
    (router, openapi::complete(document))
}
