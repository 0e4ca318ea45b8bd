use super::read::view;
use super::spec::StateSpec;
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::SchemaErd;
use crate::schema::diagram::Diagram;
use crate::schema::facts::Scope;

/// What `schema erd` is asked to do.
#[derive(Debug, Clone)]
pub struct ErdRequest {
    /// Of what.
    pub state: StateSpec,
    /// What of it.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
}

impl Migrator {
    /// The tables of a state and the foreign keys between them.
    ///
    /// # Errors
    /// [`StateError`](super::StateError), the server's, and what keeps a scratch server from being
    /// started.
    pub async fn schema_erd(
        &self,
        request: &ErdRequest,
        control: &Control,
    ) -> Result<SchemaErd, Error> {
        let (spec, scope) = (&request.state, &request.scope);
        let state = self
            .read_one_state(spec, scope, request.strict, control)
            .await?;
        Ok(SchemaErd {
            state: view(request.state.to_string(), &state),
            diagram: Diagram::of(&state),
        })
    }
}
