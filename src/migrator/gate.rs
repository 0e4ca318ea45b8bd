//! The gate: what a step made of row-level security is judged in the step's own transaction,
//! before its COMMIT.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::Error;
use super::operations::Migrator;
use super::report::{RlsFinding, RlsGate};
use crate::catalog;
use crate::db::{DbError, Session};
use crate::diagnostic::Severity;
use crate::rls::{Audit, Finding, Rule, Scope, lint};

/// What is at least as bad as this stops a step.
const STOPS: Severity = Severity::Warning;

/// The expression for how much was changed in the catalog, but for what nothing is judged by, as
/// the server counts it for the session: two answers within a transaction are the same where
/// nothing was changed between them. Where it does not count, null.
pub(super) const CHANGES: &str = "(select case when pg_catalog.current_setting('track_counts')::pg_catalog.bool then
    (select pg_catalog.sum(n_tup_ins operator(pg_catalog.+) n_tup_upd operator(pg_catalog.+) n_tup_del)
     from pg_catalog.pg_stat_xact_sys_tables
     where schemaname operator(pg_catalog.=) 'pg_catalog'
       and relname operator(pg_catalog.<>) all (array['pg_statistic', 'pg_statistic_ext_data',
           'pg_largeobject', 'pg_largeobject_metadata', 'pg_description', 'pg_shdescription',
           'pg_subscription_rel', 'pg_sequence']::pg_catalog.name[]))::pg_catalog.int8
    end)";

/// Why a step may not be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRefusal {
    /// What the rules found that they did not find before it.
    pub findings: Vec<RlsFinding>,
}

/// Judges steps, each by what was there before it.
pub(super) struct Gate<'a> {
    migrator: &'a Migrator,
    scope: Scope,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What is found already, and is not the next step's doing.
    known: BTreeSet<Key>,
    /// How many steps were judged, and how many of them had changed nothing in the catalog.
    judged: usize,
    unchanged: usize,
}

/// What tells two findings apart: one that got worse says something else.
type Key = (&'static str, String, String);

fn key(rule: &Rule, finding: &Finding) -> Key {
    (
        rule.code,
        finding.object.to_string(),
        finding.message.clone(),
    )
}

impl<'a> Gate<'a> {
    /// Learns what is found before the first step, outside of a transaction or in the one of a
    /// session that is shared.
    ///
    /// # Errors
    /// The server's.
    pub(super) async fn open(migrator: &'a Migrator, session: &Session) -> Result<Self, Error> {
        let gate = Self {
            migrator,
            scope: migrator.settings.audit.scope(&[]),
            state: Mutex::default(),
        };
        let schema = if session.is_shared() {
            catalog::read_within(session, &gate.scope.schemas).await?
        } else {
            catalog::read(session, &gate.scope.schemas).await?
        };
        let audit = Audit {
            schema: &schema,
            scope: &gate.scope,
        };
        let found = lint(audit, &gate.migrator.settings.audit.allow.value);
        let known = found
            .findings
            .iter()
            .map(|(rule, finding)| key(rule, finding));
        gate.state().known = known.collect();
        Ok(gate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges what the open transaction holds, whose `search_path` is empty and whose role is the
    /// one that logged in. `before` is what [`CHANGES`] told before the step.
    ///
    /// # Errors
    /// The server's; within, why the step may not be committed.
    pub(super) async fn judge(
        &self,
        session: &Session,
        before: Option<i64>,
    ) -> Result<Result<(), GateRefusal>, DbError> {
        self.state().judged += 1;
        if before.is_some() {
            let counted = session.query_one(&format!("select {CHANGES}"), &[]).await?;
            if counted.get::<Option<i64>>(0)? == before {
                self.state().unchanged += 1;
                return Ok(Ok(()));
            }
        }
        let schema = catalog::read_within(session, &self.scope.schemas).await?;
        let audit = Audit {
            schema: &schema,
            scope: &self.scope,
        };
        let found = lint(audit, &self.migrator.settings.audit.allow.value);
        let mut state = self.state();
        let known = std::mem::take(&mut state.known);
        let mut findings = Vec::new();
        for (rule, finding) in found.findings {
            let key = key(rule, &finding);
            if rule.severity >= STOPS && !known.contains(&key) {
                findings.push(self.migrator.finding(rule, finding));
            }
            state.known.insert(key);
        }
        if findings.is_empty() {
            return Ok(Ok(()));
        }
        state.known = known;
        Ok(Err(GateRefusal { findings }))
    }

    /// What was judged.
    pub(super) fn report(&self) -> RlsGate {
        let state = self.state();
        RlsGate {
            steps_judged: state.judged,
            steps_unchanged: state.unchanged,
            findings_known: state.known.len(),
        }
    }
}
