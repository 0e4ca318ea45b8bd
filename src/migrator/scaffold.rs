//! `revision --template rls --table …`: a revision's scripts from what the catalog tells.

use super::access_error::AccessError;
use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::NewRevision;
use super::revise::RevisionRequest;
use super::tables::{resolve, schemas_of};
use crate::catalog;
use crate::db::DbError;
use crate::diagnostic::Diagnostic;
use crate::revision::TransactionMode;
use crate::rls::{Audit, Caution, Scaffold, scaffold};
use crate::schema::{Relation, Schema};
use crate::source::Bodies;
use crate::sql::QualifiedName;

/// The template whose place the scripts take.
const TEMPLATE: &str = "rls";

impl Migrator {
    /// Writes a new revision that gives the request's tables row-level security, from what the
    /// catalog tells of their owners. Changes nothing in the database.
    ///
    /// # Errors
    /// As for [`Migrator::new_revision`], another template than `rls`, tables that are not there or
    /// have no policies, a server without the API's roles, and the server's.
    pub async fn new_rls_revision(
        &self,
        request: &RevisionRequest,
        control: &Control,
    ) -> Result<NewRevision, Error> {
        let template = request.template.as_ref();
        let template = template.unwrap_or(&self.settings.template.value);
        if template != TEMPLATE {
            return Err(AccessError::TableNeedsRls {
                template: template.clone(),
            }
            .into());
        }
        let scaffold = self.scaffolded(&request.tables, control).await?;
        let bodies = Bodies {
            up: scaffold.up,
            down: scaffold.down,
            transaction: TransactionMode::On,
        };
        let mut report = self.new_revision_of(request, Some(bodies))?;
        report
            .warnings
            .extend(scaffold.cautions.iter().map(warning));
        Ok(report)
    }

    async fn scaffolded(&self, texts: &[String], control: &Control) -> Result<Scaffold, Error> {
        let mut scope = self.settings.audit.scope(&[]);
        let mut schemas = schemas_of(texts, &scope.schemas);
        // For who asks, and whether policies may ask for it.
        if !schemas.iter().any(|one| one == "auth") {
            schemas.push("auth".to_owned());
        }
        let link = self.link(&self.run_id(), control).await?;
        let read = async {
            let schema = catalog::read(&link.session, &schemas).await?;
            let serials = catalog::serials(&link.session, &schemas).await?;
            Ok::<_, DbError>((schema, serials))
        }
        .await;
        let closed = link.close().await;
        let (schema, serials) =
            read.map_err(|error| Error::from(error).or_signal(control.stopped()))?;
        closed?;
        let tables = named(&schema, texts, &scope.schemas)?;
        scope.schemas = schemas;
        let audit = Audit {
            schema: &schema,
            scope: &scope,
        };
        scaffold(audit, &tables, &serials).ok_or_else(|| {
            let trusted = &scope.trusted_roles;
            let roles = scope
                .api_roles
                .iter()
                .filter(|role| !trusted.contains(role));
            let roles = roles.cloned().collect();
            AccessError::NoApiRole { roles }.into()
        })
    }
}

/// The tables that the texts name, each once.
fn named<'a>(
    schema: &'a Schema,
    texts: &[String],
    schemas: &[String],
) -> Result<Vec<&'a Relation>, AccessError> {
    let known: Vec<&QualifiedName> = schema.relations.keys().collect();
    let mut tables: Vec<&Relation> = Vec::new();
    for text in texts {
        let name = resolve(text, schemas, &known)?;
        let Some(table) = schema.relations.get(&name) else {
            continue;
        };
        if !table.kind.has_policies() {
            let kind = table.kind;
            return Err(AccessError::NotATable { name, kind });
        }
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    Ok(tables)
}

fn warning(caution: &Caution) -> Diagnostic {
    match caution {
        Caution::NoOwner(table) => Diagnostic::warning(
            "no-owner",
            format!("nothing tells whose the rows of {table} are: it is closed"),
        )
        .help("say who may see which row in the up script"),
        Caution::Guessed { table, of, column } => Diagnostic::warning(
            "guessed-owner",
            format!("whose the rows of {table} are is guessed from the name of {of}.{column}"),
        )
        .help("look whether it holds the user's id, as the claims have it"),
        Caution::ParentNotReady { table, parent } => Diagnostic::warning(
            "parent-not-ready",
            format!(
                "the policies of {table} read {parent}, which users may not read, or which no policy \
                 keeps"
            ),
        )
        .help(format!("give it row-level security too: `--table {parent}`")),
        Caution::HasPolicies { table, policies } => Diagnostic::warning(
            "has-policies",
            format!(
                "{table} has policies already, and one that says yes is enough: {}",
                policies.join(", ")
            ),
        )
        .help("drop in the up script those that the new ones replace"),
        Caution::NoUsage { role, schema } => Diagnostic::warning(
            "no-usage",
            format!("{role} may not look into the schema {schema}"),
        )
        .help(format!(
            "`grant usage on schema {} to {};`",
            crate::sql::quote_ident(schema),
            crate::sql::quote_ident(role)
        )),
    }
}
