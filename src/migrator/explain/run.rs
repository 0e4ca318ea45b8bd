//! The operation: find what is meant, ask, judge.

use serde_json::{Map, Value};

use super::attempt::attempt;
use super::cost::cost;
use super::error::ExplainError;
use super::fixtures;
use super::gates::ask;
use super::ground::Ground;
use super::new_rows::new_rows;
use super::question::Question;
use super::subject;
use crate::catalog;
use crate::config::load_actors;
use crate::db::{DbError, ServerRole};
use crate::migrator::control::Control;
use crate::migrator::destination::Link;
use crate::migrator::error::Error;
use crate::migrator::matrix::Fixtures;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{ColumnValue, ExplainedActor, RlsExplain};
use crate::rls::explain::{
    AskedGate, Binding, Facts, Gate, GateKind, NeededRight, binding, gates, judge,
};
use crate::rls::{Actor, Audit};
use crate::schema::Privilege;

/// What `rls explain` is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainRequest {
    /// Who asks.
    pub asker: Asker,
    /// The table, `table` or `schema.table`.
    pub table: String,
    /// Which row: `7`, `id=7`, `a=1,b=2`; all where there is none.
    pub row: Option<String>,
    /// What an UPDATE sets, or the row of an INSERT: `body=new`.
    pub set: Vec<String>,
    /// SELECT, INSERT, UPDATE or DELETE.
    pub command: Privilege,
    /// Whether the command returns what it wrote or deleted.
    pub returning: bool,
    /// Whether the rows of the fixtures are made before.
    pub fixtures: bool,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// An actor of the actors' file.
    Actor(String),
    /// Somebody who is in no file.
    Role {
        /// The role that requests run as.
        role: String,
        /// The claims of the token, if there is one.
        claims: Option<Map<String, Value>>,
    },
}

/// What was found.
struct Found {
    rights: Vec<NeededRight>,
    binding: Binding,
    total: Option<u64>,
    reached: Option<u64>,
    gates: Vec<Gate>,
}

impl Migrator {
    /// Why an actor reaches rows of a table, or does not: the rights, whether policies are asked,
    /// what each of them and each of its conditions says, and what became of the command itself. In
    /// a transaction that is rolled back.
    ///
    /// # Errors
    /// [`ExplainError`], the actors' file, and the server's.
    pub async fn rls_explain(
        &self,
        request: &ExplainRequest,
        control: &Control,
    ) -> Result<RlsExplain, Error> {
        insist_for_command(request)?;
        let actor = self.asker(&request.asker)?;
        let fixtures = match request.fixtures {
            true => Some(fixtures::load(&self.settings)?),
            false => None,
        };
        let link = self.link(&self.run_id(), control).await?;
        let explained = tokio::select! {
            explained = self.rolled_back(&link, request, &actor, fixtures.as_ref()) => explained,
            // The server rolls back what is left by the end of the session.
            signal = control.stop() => {
                link.session.cut("a signal came");
                Err(Error::stopped_before_work(signal))
            }
        };
        let closed = link.close().await;
        let explained = explained?;
        closed?;
        Ok(explained)
    }

    fn asker(&self, asker: &Asker) -> Result<Actor, Error> {
        let name = match asker {
            Asker::Actor(name) => name,
            Asker::Role { role, claims } => {
                return Ok(Actor {
                    name: role.clone(),
                    role: role.clone(),
                    claims: claims.clone(),
                });
            }
        };
        let file = &self.settings.audit.actors.value;
        let actors = load_actors(file, self.settings.shown(file))?;
        let found = actors.find(name).cloned();
        Ok(found.ok_or_else(|| ExplainError::UnknownActor {
            actor: name.clone(),
            known: actors.actors.into_iter().map(|one| one.name).collect(),
        })?)
    }

    async fn rolled_back(
        &self,
        link: &Link,
        request: &ExplainRequest,
        actor: &Actor,
        fixtures: Option<&Fixtures>,
    ) -> Result<RlsExplain, Error> {
        let session = &link.session;
        session
            .begin("begin isolation level repeatable read")
            .await?;
        session.batch("set local search_path = ''").await?;
        let explained = self.explained(link, request, actor, fixtures).await;
        let ended = session.batch("rollback").await;
        let explained = explained?;
        ended?;
        Ok(explained)
    }

    async fn explained(
        &self,
        link: &Link,
        request: &ExplainRequest,
        actor: &Actor,
        fixtures: Option<&Fixtures>,
    ) -> Result<RlsExplain, Error> {
        let session = &link.session;
        if let Some(fixtures) = fixtures {
            fixtures::make(fixtures, session, &self.settings.audit.scope(&[])).await?;
        }
        let mut scope = self.settings.audit.scope(&[]);
        let shown_schemas = scope.schemas.clone();
        let names = subject::names(&request.table, &shown_schemas);
        for name in &names {
            if !scope.schemas.contains(&name.schema) {
                scope.schemas.push(name.schema.clone());
            }
        }
        let schema = catalog::read_within(session, &scope.schemas).await?;
        let audit = Audit {
            schema: &schema,
            scope: &scope,
        };
        let table = subject::table(&schema, &request.table, &names, &scope.schemas)?;
        let columns = subject::columns(session, table).await?;
        let row = match &request.row {
            Some(text) => subject::row(text, &columns)?,
            None => Vec::new(),
        };
        let set = subject::set(&request.set, &columns)?;
        subject::insist_readable(session, table, "--row", &row).await?;
        subject::insist_readable(session, table, "--set", &set).await?;
        let migrating = session.query_one("select current_user::text", &[]).await?;
        let migrating: String = migrating.get(0)?;
        let who = crate::schema::Grantee::role(&migrating);
        let owner = crate::schema::Grantee::role(&table.owner);
        let question = Question {
            session,
            audit,
            actor,
            becoming: actor.become_sql(&shown_schemas),
            table,
            columns: &columns,
            row: &row,
            set: &set,
            command: request.command,
            returning: request.returning,
            production: self.settings.production.value || session.role() != ServerRole::Writable,
            owns: audit.has_rights_of(&who, &owner),
        };
        question.insist_becoming().await?;
        let found = question.found().await?;
        let attempted = attempt(&question).await?;
        let answer = judge(Facts {
            command: request.command,
            rights: &found.rights,
            binding: found.binding,
            total: found.total,
            gates: &found.gates,
            reached: found.reached,
            attempted: &attempted,
        });
        let cost = if found.gates.is_empty() {
            None
        } else {
            cost(&question).await?
        };
        Ok(RlsExplain {
            destination: link.view.clone(),
            production: self.settings.production.value,
            migrating_role: migrating,
            actor: ExplainedActor {
                name: actor.name.clone(),
                role: actor.role.clone(),
                claims: actor.claims.clone(),
            },
            sql_command: request.command,
            returning: request.returning,
            table: table.name.clone(),
            partition_of: table.partition_of.clone(),
            owner: table.owner.clone(),
            row_security: table.row_security,
            row: row.into_iter().map(ColumnValue::from).collect(),
            set: set.into_iter().map(ColumnValue::from).collect(),
            fixtures: fixtures.map(|_| {
                let file = &self.settings.audit.fixtures.value;
                self.settings.shown(file).to_owned()
            }),
            rights: found.rights,
            binding: found.binding,
            gates: found.gates,
            attempted,
            answer,
            cost,
        })
    }
}

fn insist_for_command(request: &ExplainRequest) -> Result<(), ExplainError> {
    let not_for = |option, command| Err(ExplainError::NotForCommand { option, command });
    match request.command {
        Privilege::Insert if request.row.is_some() => not_for("--row", "insert"),
        Privilege::Select if !request.set.is_empty() => not_for("--set", "select"),
        Privilege::Select if request.returning => not_for("--returning", "select"),
        Privilege::Delete if !request.set.is_empty() => not_for("--set", "delete"),
        _ => Ok(()),
    }
}

impl Question<'_> {
    /// The chain, up to the link at which it ends.
    async fn found(&self) -> Result<Found, Error> {
        let rights = self.rights();
        let binding = binding(self.audit, self.table, &self.actor.role);
        let mut found = Found {
            binding,
            total: None,
            reached: None,
            gates: Vec::new(),
            rights,
        };
        if !found.rights.iter().all(NeededRight::is_held) {
            return Ok(found);
        }
        let inserts = self.command == Privilege::Insert;
        if binding != Binding::Asked {
            if !inserts {
                found.total = self.there().await?;
            }
            return Ok(found);
        }
        let asked = gates(
            self.audit,
            self.table,
            &self.actor.role,
            self.command,
            self.reads(),
        );
        let is_old = |gate: &&AskedGate| matches!(gate.kind, GateKind::Read | GateKind::Reach);
        let (old, new): (Vec<&AskedGate>, Vec<&AskedGate>) = asked.iter().partition(is_old);
        let reached: Vec<String> = old
            .iter()
            .map(|gate| format!("({})", gate.whole_sql()))
            .collect();
        let reached = reached.join(" and ");
        if !inserts {
            self.ask_old(&old, &reached, &mut found).await?;
        }
        let goes_on = !found.gates.iter().any(Gate::stops);
        let writes = inserts || found.reached.is_some_and(|rows| rows > 0);
        if goes_on && writes && !new.is_empty() {
            self.ask_new(&new, &reached, &mut found).await?;
        }
        Ok(found)
    }

    /// Asks about the rows that are there.
    async fn ask_old(
        &self,
        gates: &[&AskedGate],
        reached: &str,
        found: &mut Found,
    ) -> Result<(), DbError> {
        let ground = Ground::find(self).await?;
        found.total = if ground.is_nothing() {
            self.there().await?
        } else {
            ground.count(self, "true").await?.ok()
        };
        if found.total != Some(0) {
            for gate in gates {
                let gate = ask(self, &ground, gate).await?;
                let stops = gate.stops();
                found.gates.push(gate);
                if stops {
                    break;
                }
            }
            if !ground.is_nothing() {
                found.reached = ground.count(self, reached).await?.ok();
            }
        }
        ground.leave(self).await
    }

    /// Asks about what would be written.
    async fn ask_new(
        &self,
        gates: &[&AskedGate],
        reached: &str,
        found: &mut Found,
    ) -> Result<(), DbError> {
        let ground = match new_rows(self, reached).await? {
            Ok(ground) => ground,
            Err(reason) => Ground::nothing(reason),
        };
        for gate in gates {
            let gate = ask(self, &ground, gate).await?;
            let stops = gate.stops();
            found.gates.push(gate);
            if stops {
                break;
            }
        }
        ground.leave(self).await
    }
}
