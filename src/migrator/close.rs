//! `rls close`: the API's rights to tables are taken, in one short transaction.

use std::collections::BTreeSet;

use super::access_error::{AccessError, StillOpen, WhyOpen};
use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::report::{ClosedTable, DestinationView, RlsClose};
use crate::bookkeeping::{
    BookkeepingError, ClosingsPlace, NewClosing, ensure_closings, record_closings,
};
use crate::catalog::{self, Holder, Reach};
use crate::db::{DbError, Session};
use crate::rls::{Owners, closed_roles, revokes, undo};
use crate::schema::{AclItem, Grantee, Role};
use crate::sql::QualifiedName;

/// What `rls close` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct CloseRequest {
    /// The tables, as they were typed.
    pub tables: Vec<String>,
    /// Why, for the log.
    pub reason: Option<String>,
    /// Take the rights of the trusted roles too.
    pub trusted: bool,
    /// Try it and roll it back.
    pub dry_run: bool,
}

impl Migrator {
    /// Takes from the roles of the API, and from PUBLIC, every right to the tables and to what they
    /// are made of. The migration lock is not waited for: a REVOKE waits for nobody but whoever
    /// changes the same table's definition.
    ///
    /// # Errors
    /// [`AccessError`], and the server's; nothing is changed then, except where it says that the
    /// outcome is unknown.
    pub async fn rls_close(
        &self,
        request: &CloseRequest,
        control: &Control,
    ) -> Result<RlsClose, Error> {
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let closing = Closing {
            migrator: self,
            request,
            run_id: &run_id,
            destination: link.view.clone(),
        };
        let done = self
            .change_rights(
                &mut link,
                &run_id,
                request.dry_run,
                control,
                async |session| closing.within(session).await,
            )
            .await;
        let closed = link.close().await;
        let report = done.map_err(|error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(report)
    }
}

pub(super) fn owners(tables: &[Holder]) -> Owners {
    let owner = |one: &Holder| (one.name.clone(), one.owner.clone());
    tables.iter().map(owner).collect()
}

pub(super) fn views(tables: &[Holder]) -> Vec<ClosedTable> {
    let view = |one: &Holder| ClosedTable {
        table: one.name.clone(),
        kind: one.kind,
        row_security: one.row_security,
    };
    tables.iter().map(view).collect()
}

/// The rights of `one` that `other` does not have.
pub(super) fn without(one: &[AclItem], other: &[AclItem]) -> Vec<AclItem> {
    let other: BTreeSet<&AclItem> = other.iter().collect();
    let left = one.iter().filter(|item| !other.contains(item));
    left.cloned().collect()
}

/// One closing.
struct Closing<'a> {
    migrator: &'a Migrator,
    request: &'a CloseRequest,
    run_id: &'a str,
    destination: DestinationView,
}

impl Closing<'_> {
    /// All of it, in the transaction that is open.
    async fn within(&self, session: &Session) -> Result<RlsClose, Error> {
        let tables = self
            .migrator
            .named_tables(session, &self.request.tables)
            .await?;
        let owners = owners(&tables);
        let roles = catalog::roles(session).await?;
        let scope = self.migrator.settings.audit.scope(&[]);
        let closed = closed_roles(&roles, &scope, self.request.trusted);
        let watched: Vec<String> = std::iter::once("public".to_owned())
            .chain(scope.api_roles.iter().chain(&scope.trusted_roles).cloned())
            .filter(|name| name == "public" || closed.contains(&Grantee::role(name)))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let before = catalog::access_lists(session, &tables).await?;
        let mine = takeable(session, &before, &owners).await?;
        let sql = revokes(&mine, &owners, &closed);
        if !sql.is_empty() {
            session.batch(&sql.join("\n")).await?;
        }
        let after = catalog::access_lists(session, &tables).await?;
        let left = catalog::reach(session, &tables, &watched).await?;
        if !left.is_empty() {
            let trusted = &scope.trusted_roles;
            let why = |one| still_open(one, &after, roles.get(&one.role), trusted);
            let ways = left.iter().map(why).collect();
            return Err(AccessError::StillOpen { ways }.into());
        }
        let revoked = without(&before, &after);
        let mut not_recorded = None;
        if !revoked.is_empty() && !self.request.dry_run {
            not_recorded = self
                .record(session, &tables, &sql, &revoked, &owners)
                .await?;
        }
        let kept = after.into_iter();
        let kept = kept.filter(|one| {
            let owner = owners.get(&one.relation).map(Grantee::role);
            owner.as_ref() != Some(&one.grantee)
        });
        Ok(RlsClose {
            destination: self.destination.clone(),
            dry_run: self.request.dry_run,
            reason: self.request.reason.clone(),
            closed_to: closed.iter().cloned().collect(),
            still_shown: catalog::shown(session, &tables, &watched).await?,
            tables: views(&tables),
            undo: undo(&revoked, &owners),
            kept: kept.collect(),
            run_id: (!revoked.is_empty()).then(|| self.run_id.to_owned()),
            revoked,
            sql,
            not_recorded,
        })
    }

    /// Writes a row for each table that lost something; where that cannot be, gives the reason, and
    /// the tables are closed all the same.
    async fn record(
        &self,
        session: &Session,
        tables: &[Holder],
        sql: &[String],
        revoked: &[AclItem],
        owners: &Owners,
    ) -> Result<Option<String>, Error> {
        let mut rows = Vec::new();
        for table in tables {
            let lost: Vec<AclItem> = revoked
                .iter()
                .filter(|one| one.relation == table.name)
                .cloned()
                .collect();
            if !lost.is_empty() {
                rows.push(NewClosing {
                    relation: table.name.to_string(),
                    relation_id: table.oid,
                    sql: of_table(sql, &table.name).join("\n"),
                    undo: Some(undo(&lost, owners).join("\n")),
                });
            }
        }
        session.batch("savepoint recording").await?;
        let recorded = async {
            let place = ensure_closings(session, &self.migrator.table()).await?;
            if place == ClosingsPlace::Ready {
                let reason = self.request.reason.as_deref();
                record_closings(session, &rows, reason, self.run_id).await?;
            }
            Ok::<_, BookkeepingError>(place)
        };
        let why = match recorded.await {
            Ok(ClosingsPlace::Ready) => return Ok(None),
            Ok(ClosingsPlace::Busy) => {
                "the log has no place for it yet, and a run that holds the migration lock is making \
                 one"
                    .to_owned()
            }
            Err(error) => match &error {
                BookkeepingError::Db(DbError::Server(server)) => server.message.clone(),
                BookkeepingError::RegistryNewer { .. } | BookkeepingError::Registry { .. } => {
                    error.to_string()
                }
                _ => return Err(error.into()),
            },
        };
        session.batch("rollback to savepoint recording").await?;
        Ok(Some(why))
    }
}

/// The statements about one table, those that change the role around them too.
fn of_table(sql: &[String], table: &QualifiedName) -> Vec<String> {
    let about = format!(" on table {table} ");
    let mut kept = Vec::new();
    for (at, statement) in sql.iter().enumerate() {
        if !statement.contains(&about) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| sql.get(at));
        let role = before.filter(|one| one.starts_with("set local role "));
        kept.extend(role.cloned());
        kept.push(statement.clone());
        kept.extend(role.map(|_| "reset role;".to_owned()));
    }
    kept
}

/// The rights that whoever is connected can take: those that the owner gave, and those of givers
/// whose role can be taken on.
async fn takeable(
    session: &Session,
    acl: &[AclItem],
    owners: &Owners,
) -> Result<Vec<AclItem>, DbError> {
    let is_owners = |one: &AclItem| owners.get(&one.relation) == Some(&one.grantor);
    let others: BTreeSet<&String> = acl
        .iter()
        .filter(|one| !is_owners(one))
        .map(|one| &one.grantor)
        .collect();
    let others: Vec<String> = others.into_iter().cloned().collect();
    let right = if session.server_version_num() >= 160_000 {
        "SET"
    } else {
        "MEMBER"
    };
    let rows = session
        .query(
            "select rolname::text from pg_catalog.pg_roles \
             where rolname::text = any ($1) and pg_catalog.pg_has_role(oid, $2)",
            &[others.as_slice().into(), right.into()],
        )
        .await?;
    let mut takeable = BTreeSet::new();
    for row in &rows {
        takeable.insert(row.get::<String>(0)?);
    }
    let mine = |one: &&AclItem| is_owners(one) || takeable.contains(&one.grantor);
    Ok(acl.iter().filter(mine).cloned().collect())
}

fn still_open(
    one: &Reach,
    after: &[AclItem],
    role: Option<&Role>,
    trusted: &[String],
) -> StillOpen {
    let has = |grantee: &Grantee| match grantee {
        Grantee::Public => true,
        Grantee::Role(name) => {
            *name == one.role || role.is_some_and(|role| role.has_rights_of.contains(name))
        }
    };
    let why = match one.beyond.as_deref() {
        Some("superuser") => WhyOpen::Superuser,
        Some("owner") => WhyOpen::Owner,
        Some(predefined) => WhyOpen::Predefined(predefined.to_owned()),
        None => {
            let mut given = after.iter();
            match given.find(|item| item.relation == one.relation && has(&item.grantee)) {
                Some(item) => match &item.grantee {
                    Grantee::Role(name) if *name != one.role && trusted.contains(name) => {
                        WhyOpen::Trusted(name.clone())
                    }
                    _ => WhyOpen::GivenBy(item.grantor.clone()),
                },
                None => WhyOpen::Unknown,
            }
        }
    };
    StillOpen {
        role: one.role.clone(),
        relation: one.relation.clone(),
        privileges: one.privileges.clone(),
        why,
    }
}
