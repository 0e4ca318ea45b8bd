use super::read::{insist_modelled, view};
use super::scratch::Scratch;
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
        let mut scratch = Scratch::new(&self.environment);
        let done = tokio::select! {
            done = self.erd_with(request, &mut scratch, control) => done,
            signal = control.stop() => Err(Error::stopped_before_work(signal)),
        };
        let stopped = scratch.stop().await;
        let report = done?;
        stopped?;
        Ok(report)
    }

    async fn erd_with(
        &self,
        request: &ErdRequest,
        scratch: &mut Scratch<'_>,
        control: &Control,
    ) -> Result<SchemaErd, Error> {
        let scope = self.state_scope(request.scope.clone());
        let states = self
            .read_states(&[&request.state], &scope, scratch, control)
            .await?;
        let Some(state) = states.first() else {
            unreachable!("one state was asked for");
        };
        if request.strict {
            insist_modelled(state)?;
        }
        Ok(SchemaErd {
            state: view(request.state.to_string(), state),
            diagram: Diagram::of(state),
        })
    }
}
