use std::time::Instant;

use super::request::{CheckRequest, SeveralHeads, TheDatabase};
use crate::clock::Clock;
use crate::config::{CheckPart, Environment, Origin, Settings};
use crate::db::DbError;
use crate::diagnostic::Diagnostic;
use crate::graph::Target;
use crate::migrator::control::Control;
use crate::migrator::destination::Reach;
use crate::migrator::error::Error;
use crate::migrator::executor::millis;
use crate::migrator::operations::Migrator;
use crate::migrator::prepare::ready_script;
use crate::migrator::report::{CheckFact, Checked, CheckedPart, SkipReason};
use crate::migrator::states::{DiffRequest, StateError, StateSpec};
use crate::migrator::verify::Looked;
use crate::migrator::view::Viewer;
use crate::schema::facts::Scope;
use crate::source::SourceError;

/// Looks at a project, and at its database where that is asked for: what is off is told, all of it,
/// and nothing is changed.
///
/// # Errors
/// Settings and folders that cannot be read, a database that cannot be reached, and broken revision
/// files where that part is switched off.
pub async fn check_project(
    settings: Settings,
    environment: Environment,
    clock: Clock,
    request: &CheckRequest,
    control: &Control,
) -> Result<Checked, Error> {
    let started = Instant::now();
    let mut checked = Checking {
        request,
        parts: Vec::new(),
    };
    match Migrator::load(settings, environment, clock) {
        Ok(migrator) => {
            let migrator = migrator.with_replays(request.replays);
            let read = migrator
                .versions
                .read_scripts(&migrator.versions.graph.all());
            let mut facts = warnings(&migrator);
            let broken = match read {
                Ok(()) => {
                    let refused = checked.unrunnable(&migrator)?;
                    let is_broken = !refused.is_empty();
                    facts.extend(refused);
                    is_broken
                }
                Err(error) => {
                    facts.extend(checked.defects(error)?);
                    true
                }
            };
            checked.done(CheckPart::Files, started, facts);
            checked.graph(&migrator);
            if broken {
                checked.skip_rest(SkipReason::BrokenFiles);
            } else {
                checked.database(&migrator, control).await?;
                checked.schema(&migrator, control).await?;
            }
        }
        Err(Error::Source(error)) => {
            let facts = checked.defects(error)?;
            checked.done(CheckPart::Files, started, facts);
            checked.skip_rest(SkipReason::BrokenFiles);
        }
        Err(error) => return Err(error),
    }
    Ok(Checked {
        parts: checked.parts,
    })
}

fn warnings(migrator: &Migrator) -> Vec<CheckFact> {
    let warnings = migrator.versions.warnings.iter().cloned();
    warnings.map(CheckFact::File).collect()
}

struct Checking<'r> {
    request: &'r CheckRequest,
    parts: Vec<CheckedPart>,
}

impl Checking<'_> {
    fn wants(&self, part: CheckPart) -> bool {
        self.request.parts.contains(&part)
    }

    /// The defects of the files, which are an error where nobody wants to be told of them.
    fn defects(&self, error: SourceError) -> Result<Vec<CheckFact>, Error> {
        match error {
            SourceError::Defects(defects) if self.wants(CheckPart::Files) => {
                let defects: Vec<Diagnostic> = defects;
                Ok(defects.into_iter().map(CheckFact::File).collect())
            }
            error => Err(error.into()),
        }
    }

    /// What cannot be run as it is, in any direction, where defects of files are asked for.
    fn unrunnable(&self, migrator: &Migrator) -> Result<Vec<CheckFact>, Error> {
        let mut facts = Vec::new();
        if !self.wants(CheckPart::Files) {
            return Ok(facts);
        }
        for node in migrator.versions.graph.nodes() {
            let revision = migrator.versions.revision(node);
            let others = [revision.down()?, revision.verify()?];
            for script in others.into_iter().flatten().chain([revision.up()]) {
                let refused = ready_script(script, Reach::Session).err();
                facts.extend(refused.into_iter().flatten().map(CheckFact::File));
            }
        }
        Ok(facts)
    }

    fn done(&mut self, part: CheckPart, started: Instant, facts: Vec<CheckFact>) {
        if self.wants(part) {
            self.parts.push(CheckedPart {
                part,
                skipped: None,
                facts,
                duration_ms: millis(started),
            });
        } else {
            self.skip(part, SkipReason::SwitchedOff);
        }
    }

    fn skip(&mut self, part: CheckPart, reason: SkipReason) {
        let (skipped, facts) = if !self.wants(part) {
            (Some(SkipReason::SwitchedOff), Vec::new())
        } else if self.request.named.contains(&part) && reason != SkipReason::BrokenFiles {
            (None, vec![CheckFact::NotChecked { part, reason }])
        } else {
            (Some(reason), Vec::new())
        };
        self.parts.push(CheckedPart {
            part,
            skipped,
            facts,
            duration_ms: 0,
        });
    }

    /// Says of every part that is left why it was not looked at. (That the files are broken is a
    /// finding or an error by itself.)
    fn skip_rest(&mut self, reason: SkipReason) {
        for part in CheckPart::ALL {
            if self.parts.iter().all(|one| one.part != part) {
                self.skip(part, reason);
            }
        }
    }

    /// The parts that the graph alone tells.
    fn graph(&mut self, migrator: &Migrator) {
        let (versions, started) = (&migrator.versions, Instant::now());
        let viewer = Viewer::files(versions);
        let heads = versions.graph.real_heads();
        let facts = if heads.len() > 1 && self.request.heads == SeveralHeads::Found {
            vec![CheckFact::SeveralHeads {
                heads: viewer.views(heads),
            }]
        } else {
            Vec::new()
        };
        self.done(CheckPart::Heads, started, facts);
        let started = Instant::now();
        let all = viewer.views(versions.graph.nodes());
        let without = all
            .into_iter()
            .filter(|one| !one.has_down && one.irreversible.is_none());
        let facts = without.map(|revision| CheckFact::NoDown {
            revision: Box::new(revision),
        });
        self.done(CheckPart::Down, started, facts.collect());
    }

    /// The parts that the database tells.
    async fn database(&mut self, migrator: &Migrator, control: &Control) -> Result<(), Error> {
        let parts = CheckPart::ALL
            .into_iter()
            .filter(|part| part.needs_database());
        let skipped = if self.request.database == TheDatabase::LeftAlone {
            Some(SkipReason::Offline)
        } else {
            let named = migrator.settings.database();
            named.is_err().then_some(SkipReason::NoDatabase)
        };
        let wanted = parts.clone().any(|part| self.wants(part));
        if skipped.is_some() || !wanted {
            let reason = skipped.unwrap_or(SkipReason::SwitchedOff);
            parts.for_each(|part| self.skip(part, reason));
            return Ok(());
        }
        let started = Instant::now();
        let Looked {
            verification,
            pending,
            unknown,
        } = migrator.look_at_history(control).await?;
        let facts = verification.findings.into_iter().map(|finding| {
            let disagreement = Box::new(finding.disagreement);
            CheckFact::History { disagreement }
        });
        self.done(CheckPart::History, started, facts.collect());
        match pending.as_slice() {
            [] if unknown => self.skip(CheckPart::Pending, SkipReason::UnknownRows),
            [] => self.done(CheckPart::Pending, started, Vec::new()),
            _ => {
                let facts = vec![CheckFact::Pending { revisions: pending }];
                self.done(CheckPart::Pending, started, facts);
            }
        }
        if unknown {
            self.skip(CheckPart::Drift, SkipReason::UnknownRows);
            return Ok(());
        }
        let (from, to) = (StateSpec::Current, StateSpec::Database);
        self.compare(CheckPart::Drift, from, to, migrator, control)
            .await
    }

    /// The revisions against the declared schema.
    async fn schema(&mut self, migrator: &Migrator, control: &Control) -> Result<(), Error> {
        let from = if migrator.versions.graph.is_empty() {
            StateSpec::Empty
        } else {
            StateSpec::Revision {
                target: Target::heads(),
                shown: "heads".to_owned(),
            }
        };
        self.compare(
            CheckPart::Schema,
            from,
            StateSpec::Schema,
            migrator,
            control,
        )
        .await
    }

    /// In which objects two states differ; what cannot be built is a finding.
    async fn compare(
        &mut self,
        part: CheckPart,
        from: StateSpec,
        to: StateSpec,
        migrator: &Migrator,
        control: &Control,
    ) -> Result<(), Error> {
        if !self.wants(part) {
            self.skip(part, SkipReason::SwitchedOff);
            return Ok(());
        }
        let started = Instant::now();
        let request = DiffRequest {
            from,
            to,
            scope: Scope::default(),
            strict: false,
        };
        let facts = match migrator.schema_diff(&request, control).await {
            Ok(diff) => {
                let objects = diff.objects.into_iter();
                let fact = |object| match part {
                    CheckPart::Drift => CheckFact::Drift { object },
                    _ => CheckFact::Schema { object },
                };
                objects.map(|object| fact(Box::new(object))).collect()
            }
            Err(Error::State(StateError::NoDeclared { .. }))
                if migrator.settings.declared.source.origin == Origin::Default =>
            {
                self.skip(part, SkipReason::NoDeclared);
                return Ok(());
            }
            Err(Error::Unrunnable { findings }) => {
                findings.into_iter().map(CheckFact::File).collect()
            }
            Err(error) if is_finding(&error) => vec![CheckFact::Failed {
                error: Box::new(error),
            }],
            Err(error) => return Err(error),
        };
        self.done(part, started, facts);
        Ok(())
    }
}

/// Whether it is the project's SQL that is at fault, and neither the request nor a server.
fn is_finding(error: &Error) -> bool {
    match error {
        Error::State(error) => matches!(
            error,
            StateError::BadFile { .. }
                | StateError::NoDeclared { .. }
                | StateError::CommandFailed { .. }
                | StateError::DeclaredFailed { .. }
                | StateError::NotBuilt { .. }
        ),
        Error::Db(error) => matches!(error, DbError::TransactionEnded),
        _ => false,
    }
}
