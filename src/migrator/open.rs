//! `rls open`: what `rls close` took is given back, as the log has it; and what the log shows of
//! both.

use super::access_error::AccessError;
use super::close::{owners, views, without};
use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::{ClosingEntry, DestinationView, RlsOpen};
use crate::bookkeeping::{
    Closing, NewClosing, ensure_closings, record_closings, standing_closings,
};
use crate::catalog::{self, Holder};
use crate::db::Session;
use crate::schema::{AclItem, Grantee};

/// What `rls open` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct OpenRequest {
    /// The tables, as they were typed.
    pub tables: Vec<String>,
    /// Why, for the log.
    pub reason: Option<String>,
    /// Try it and roll it back.
    pub dry_run: bool,
}

impl Migrator {
    /// Runs what undoes the closings of these tables, and of what they are made of, that were not
    /// undone yet.
    ///
    /// # Errors
    /// [`AccessError`], and the server's, where a role is gone say; nothing is changed then, except
    /// where it says that the outcome is unknown.
    pub async fn rls_open(
        &self,
        request: &OpenRequest,
        control: &Control,
    ) -> Result<RlsOpen, Error> {
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let destination = link.view.clone();
        let done = self
            .change_rights(
                &mut link,
                &run_id,
                request.dry_run,
                control,
                async |session| {
                    self.open_within(session, request, &run_id, &destination)
                        .await
                },
            )
            .await;
        let closed = link.close().await;
        let report = done.map_err(|error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(report)
    }

    async fn open_within(
        &self,
        session: &Session,
        request: &OpenRequest,
        run_id: &str,
        destination: &DestinationView,
    ) -> Result<RlsOpen, Error> {
        let tables = self.named_tables(session, &request.tables).await?;
        let names: Vec<String> = tables.iter().map(|one| one.name.to_string()).collect();
        let standing = standing_closings(session, &names).await?;
        let of = |table: &Holder| -> Vec<&Closing> {
            let own = standing.iter().filter(|one| {
                one.relation == table.name.to_string() && one.relation_id == i64::from(table.oid)
            });
            own.collect()
        };
        let opened: Vec<Holder> = tables
            .iter()
            .filter(|table| !of(table).is_empty())
            .cloned()
            .collect();
        if opened.is_empty() {
            return Err(AccessError::NotClosed {
                tables: tables.into_iter().map(|one| one.name).collect(),
            }
            .into());
        }
        let before = catalog::access_lists(session, &opened).await?;
        let (mut sql, mut rows) = (Vec::new(), Vec::new());
        for table in &opened {
            let undone: Vec<String> = of(table)
                .into_iter()
                .filter_map(|one| one.undo.clone())
                .collect();
            let undone = undone.join("\n");
            rows.push(NewClosing {
                relation: table.name.to_string(),
                relation_id: table.oid,
                sql: undone.clone(),
                undo: None,
            });
            sql.extend(undone.lines().map(str::to_owned));
        }
        session.batch(&sql.join("\n")).await?;
        let after = catalog::access_lists(session, &opened).await?;
        if !request.dry_run {
            // They are there, or there would be no closing.
            ensure_closings(session, &self.table()).await?;
            record_closings(session, &rows, request.reason.as_deref(), run_id).await?;
        }
        Ok(RlsOpen {
            destination: destination.clone(),
            dry_run: request.dry_run,
            tables: views(&opened),
            granted: added(&before, &after, &opened),
            sql,
            run_id: run_id.to_owned(),
        })
    }
}

/// What is there and was not. An access list that was empty gives the owner's own rights too, which
/// were there before.
fn added(before: &[AclItem], after: &[AclItem], tables: &[Holder]) -> Vec<AclItem> {
    let owners = owners(tables);
    let mut added = without(after, before);
    added.retain(|one| {
        let owner = owners.get(&one.relation).map(Grantee::role);
        owner.as_ref() != Some(&one.grantee)
    });
    added
}

pub(super) fn closing_entry(closing: &Closing) -> ClosingEntry {
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    ClosingEntry {
        sequence: closing.id,
        at: closing.at,
        outcome: closing.outcome.clone(),
        table: closing.relation.clone(),
        reason: closing.reason.clone(),
        sql: lines(&closing.sql),
        undo: closing.undo.as_deref().map(lines).unwrap_or_default(),
        who: closing.performed_by.clone(),
        from: closing.client_address.clone(),
        run_id: closing.run_id.clone(),
        tool_version: closing.tool_version.clone(),
    }
}
