//! `rls status` and `rls lint`: what the catalog tells of who may see and do what.

use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::origin::origin;
use super::report::{DestinationView, RlsFinding, RlsLint, RlsStatus, RlsSuppressed};
use crate::catalog;
use crate::rls::{Audit, Finding, Rule, Scope, lint};
use crate::schema::Schema;

impl Migrator {
    /// Who may do what with each table, and which policies are asked. Of these schemas, or those
    /// of the settings where there are none. Changes nothing.
    ///
    /// # Errors
    /// The server's.
    pub async fn rls_status(
        &self,
        schemas: &[String],
        control: &Control,
    ) -> Result<RlsStatus, Error> {
        let scope = self.settings.audit.scope(schemas);
        let (destination, schema) = self.read_schema(&scope, control).await?;
        let audit = Audit {
            schema: &schema,
            scope: &scope,
        };
        Ok(RlsStatus {
            destination,
            missing_schemas: missing(&schema, &scope),
            roles: crate::rls::roles(audit),
            tables: crate::rls::status(audit),
            schemas: scope.schemas,
        })
    }

    /// What is probably a mistake in who may see and do what, by the rules of [`crate::rls`].
    /// Changes nothing.
    ///
    /// # Errors
    /// The server's.
    pub async fn rls_lint(&self, schemas: &[String], control: &Control) -> Result<RlsLint, Error> {
        let scope = self.settings.audit.scope(schemas);
        let (destination, schema) = self.read_schema(&scope, control).await?;
        let audit = Audit {
            schema: &schema,
            scope: &scope,
        };
        let found = lint(audit, &self.settings.audit.allow.value);
        let findings = found.findings.into_iter();
        let suppressed = found.suppressed.into_iter();
        Ok(RlsLint {
            destination,
            missing_schemas: missing(&schema, &scope),
            findings: findings
                .map(|(rule, finding)| self.finding(rule, finding))
                .collect(),
            suppressed: suppressed
                .map(|one| RlsSuppressed {
                    rule: one.rule.code,
                    object: one.finding.object,
                    message: one.finding.message,
                    reason: one.reason,
                })
                .collect(),
            unused_allowances: found.unused,
            schemas: scope.schemas,
        })
    }

    pub(super) fn finding(&self, rule: &Rule, finding: Finding) -> RlsFinding {
        let (revision, place) = origin(&self.versions, &finding.object).unzip();
        RlsFinding {
            rule: rule.code,
            severity: rule.severity,
            category: rule.category,
            object: finding.object,
            message: finding.message,
            reason: rule.reason,
            fix: finding.fix,
            revision,
            place,
        }
    }

    async fn read_schema(
        &self,
        scope: &Scope,
        control: &Control,
    ) -> Result<(DestinationView, Schema), Error> {
        let link = self.link(&self.run_id(), control).await?;
        let read = catalog::read(&link.session, &scope.schemas).await;
        let view = link.view.clone();
        let closed = link.close().await;
        let schema = read?;
        closed?;
        Ok((view, schema))
    }
}

/// The schemas that were asked for and are not there.
fn missing(schema: &Schema, scope: &Scope) -> Vec<String> {
    let is_there = |name: &String| schema.namespaces.iter().any(|one| one.name == *name);
    let missing = scope.schemas.iter().filter(|name| !is_there(name));
    missing.cloned().collect()
}
