//! Small words that several descriptions share.

/// What is said where a run was refused.
pub(super) const NOTHING: &str = "nothing was run";

/// Names, each in backticks, separated by commas.
pub(super) fn listed<T: ToString>(names: &[T]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.to_string()))
        .collect();
    quoted.join(", ")
}

/// A description as it is shown, in plain text, for tests.
#[cfg(test)]
pub(super) fn shown(description: &crate::render::Description) -> String {
    let text = crate::render::error(description, &crate::render::Style::default());
    format!("exit {}\n{text}", description.exit.code())
}

/// What a server says of a statement, for tests.
#[cfg(test)]
pub(super) fn server_error(
    sqlstate: crate::db::SqlState,
    message: &str,
) -> Box<crate::db::ServerError> {
    Box::new(crate::db::ServerError {
        severity: "ERROR".to_owned(),
        sqlstate,
        message: message.to_owned(),
        detail: None,
        hint: None,
        position: None,
        internal_query: None,
        internal_position: None,
        where_: None,
        schema: None,
        table: None,
        column: None,
        data_type: None,
        constraint: None,
    })
}
