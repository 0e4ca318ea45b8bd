/// The text of a new project's grace-migrate.toml, every setting explained: this repository's own,
/// but for the gate, since a new project has no policies to be held to yet.
#[must_use]
pub fn starter() -> String {
    include_str!("../../grace-migrate.toml").replace("\ngate = true\n", "\ngate = false\n")
}
