use std::collections::{BTreeMap, BTreeSet};

use super::error::StateError;
use super::read::{insist_modelled, read_and_close, view};
use super::scratch::Scratch;
use super::spec::StateSpec;
use crate::diff::{self, Change, ChangeKind};
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{Differences, ObjectDiff, SchemaDiff};
use crate::schema::facts::{FactId, Scope, State};

/// What `diff` is asked to do.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// The first state.
    pub from: StateSpec,
    /// The second one.
    pub to: StateSpec,
    /// What of both.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
}

/// What `diff` without states is asked to do.
#[derive(Debug, Clone, Default)]
pub struct HereRequest {
    /// What of the database.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
}

impl Migrator {
    /// Files against version table and history, and the database against what its applied revisions
    /// build. Works best on a project that was loaded with gaps.
    ///
    /// # Errors
    /// As those of [`Migrator::verify`] and [`Migrator::schema_diff`].
    pub async fn differences(
        &self,
        request: &HereRequest,
        control: &Control,
    ) -> Result<Differences, Error> {
        let looked = self.look_at_history(control).await?;
        let drift = if looked.unknown || !self.versions.gaps.is_empty() {
            None
        } else {
            let request = DiffRequest {
                from: StateSpec::Current,
                to: StateSpec::Database,
                scope: request.scope.clone(),
                strict: request.strict,
            };
            Some(self.schema_diff(&request, control).await?)
        };
        Ok(Differences {
            history: looked.verification,
            pending: looked.pending,
            drift,
        })
    }

    /// In which objects two states differ.
    ///
    /// # Errors
    /// [`StateError`], the server's, and what keeps a scratch server from being started.
    pub async fn schema_diff(
        &self,
        request: &DiffRequest,
        control: &Control,
    ) -> Result<SchemaDiff, Error> {
        self.on_scratch(control, async |scratch| {
            self.diff_with(request, scratch, control).await
        })
        .await
    }

    async fn diff_with(
        &self,
        request: &DiffRequest,
        scratch: &mut Scratch<'_>,
        control: &Control,
    ) -> Result<SchemaDiff, Error> {
        let scope = self.state_scope(request.scope.clone());
        let specs = [&request.from, &request.to];
        let states = self.read_states(&specs, &scope, scratch, control).await?;
        let [from, to] = states.as_slice() else {
            unreachable!("two states were asked for");
        };
        if request.strict {
            insist_modelled(from)?;
            insist_modelled(to)?;
        }
        let sides = [
            (request.from.to_string(), from),
            (request.to.to_string(), to),
        ];
        difference(sides, &scope, scratch).await
    }
}

/// In what two states differ, each told by a name; where expressions do, both are made again on the
/// scratch server, and compared as they are written then.
pub(in crate::migrator) async fn difference(
    [(from_name, from), (to_name, to)]: [(String, &State); 2],
    scope: &Scope,
    scratch: &mut Scratch<'_>,
) -> Result<SchemaDiff, Error> {
    let mut changes = diff::compare(from, to);
    if diff::expressions_differ(&changes) {
        let first = scratch.remake(from).await?;
        let first = read_and_close(first, scope).await?;
        let second = scratch.remake(to).await?;
        let second = read_and_close(second, scope).await?;
        diff::settle(&mut changes, &first, &second);
        scratch.drop_remade().await?;
    }
    Ok(SchemaDiff {
        from: view(from_name, from),
        to: view(to_name, to),
        objects: objects(&changes, from, to)?,
        changes,
    })
}

/// The objects that differ, each as SQL on both sides.
fn objects(changes: &[Change], from: &State, to: &State) -> Result<Vec<ObjectDiff>, Error> {
    let wanted: BTreeSet<&FactId> = changes.iter().map(|change| &change.object).collect();
    let texts = |state: &State| -> Result<BTreeMap<FactId, String>, StateError> {
        let objects = diff::objects(state)?.into_iter();
        Ok(objects
            .filter(|object| wanted.contains(&object.object))
            .map(|object| (object.object, object.sql))
            .collect())
    };
    let (mut old, mut new) = (texts(from)?, texts(to)?);
    let objects = wanted.iter().map(|id| ObjectDiff {
        change: match (from.has(id), to.has(id)) {
            (false, _) => ChangeKind::Added,
            (true, false) => ChangeKind::Removed,
            (true, true) => ChangeKind::Changed,
        },
        kind: id.kind,
        object: (*id).clone(),
        facts: changes.iter().filter(|one| one.object == **id).count(),
        from: old.remove(*id),
        to: new.remove(*id),
    });
    Ok(objects.collect())
}
