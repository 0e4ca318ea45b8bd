use crate::render::{Description, Exit};
pub(super) fn describe(error: &crate::db::DbError) -> Description {
    Description::new(error.code(), Exit::Refused, format!("{error} {error:?}"))
}
pub(super) fn server_facts(d: Description, e: &crate::db::ServerError) -> Description {
    d.fact(["SQLSTATE", &e.sqlstate.to_string()])
}
