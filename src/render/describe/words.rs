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
