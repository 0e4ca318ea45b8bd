//! The file of the actors.

use std::path::Path;

use super::{ConfigError, file};
use crate::rls::Actors;

/// Loads the actors of the file at `path`, which is shown as `shown`.
///
/// # Errors
/// [`ConfigError::NoActors`] where it cannot be read, [`ConfigError::Actors`] with everything that
/// is wrong with it.
pub fn load_actors(path: &Path, shown: &Path) -> Result<Actors, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::NoActors {
        path: shown.to_owned(),
        source,
    })?;
    file::read_actors(shown.to_owned(), &text).map_err(ConfigError::Actors)
}
