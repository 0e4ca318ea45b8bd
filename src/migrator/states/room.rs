//! Room for the roles that scripts make: those are not there before them.

use super::clone::Kept;
use super::error::StateError;
use super::scratch::Scratch;
use crate::db::{ServerError, Session, SqlState};
use crate::migrator::error::Error;

impl Scratch<'_> {
    /// Builds something in a new database. Where that fails for a role alone that was there before,
    /// made for its scripts or left by others, it is built once more without that role.
    ///
    /// # Errors
    /// Those of `build`: the first one that told of a role which the scripts need as well, before
    /// they make it.
    pub(super) async fn with_room(
        &mut self,
        build: impl AsyncFn(&mut Self) -> Result<Session, Error>,
    ) -> Result<Session, Error> {
        let mut failed: Vec<(String, Error)> = Vec::new();
        let built = loop {
            let error = match build(self).await {
                Ok(session) => break Ok(session),
                Err(error) => error,
            };
            let Some(told) = of_scripts(&error) else {
                break Err(error);
            };
            if let Some(at) = failed.iter().position(|(role, _)| is_missing(told, role)) {
                break Err(failed.swap_remove(at).1);
            }
            let Some(role) = role_there(told).map(str::to_owned) else {
                break Err(error);
            };
            // Made twice, it is the scripts' own mistake.
            if !self.withheld.insert(role.clone()) || self.drop_withheld().await? == Kept::Yes {
                break Err(error);
            }
            failed.push((role, error));
        };
        self.withheld.clear();
        built
    }
}

/// What the server said of a statement of scripts.
fn of_scripts(error: &Error) -> Option<&ServerError> {
    match error {
        Error::State(
            StateError::NotBuilt { error, .. }
            | StateError::DeclaredFailed { error, .. }
            | StateError::FileFailed { error, .. },
        ) => Some(error),
        _ => None,
    }
}

/// The role that was to be made and is there. The messages of a scratch server are in English: its
/// locale is C.
pub(in crate::migrator) fn role_there(error: &ServerError) -> Option<&str> {
    let named = error.message.strip_prefix("role \"")?;
    let role = named.strip_suffix("\" already exists")?;
    (error.sqlstate == SqlState::DUPLICATE_OBJECT).then_some(role)
}

fn is_missing(error: &ServerError, role: &str) -> bool {
    error.sqlstate == SqlState::UNDEFINED_OBJECT
        && error.message == format!("role \"{role}\" does not exist")
}
