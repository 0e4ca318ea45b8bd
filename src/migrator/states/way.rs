//! The way from one state to another: what gets another name first, and what is done then.

use super::difference::{DiffRequest, difference};
use super::error::StateError;
use super::read::{insist_modelled, view};
use super::scratch::Scratch;
use crate::catalog;
use crate::db::{DbError, Session};
use crate::diagnostic::Place;
use crate::diff::{self, Action, BadRename, Destructive, Emission, Rename, Segment, Transaction};
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{SchemaDiff, SchemaSql};
use crate::schema::facts::{FactId, Scope, State};

/// Whether what deletes data may be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Losses {
    /// Only what the settings allow.
    #[default]
    Refused,
    /// All of it.
    Allowed,
}

/// How a way is to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WayRequest {
    /// What gets another name, in order.
    pub renames: Vec<Rename>,
    /// Whether those who use the database meanwhile are spared.
    pub emission: Emission,
    /// Whether data may be deleted.
    pub losses: Losses,
}

/// A rename that was done, and its statements, without semicolons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrator) struct Renamed {
    pub(in crate::migrator) rename: Rename,
    pub(in crate::migrator) up: Vec<String>,
    pub(in crate::migrator) down: Vec<String>,
}

/// How renames are done.
pub(in crate::migrator) fn renames_up(renamed: &[Renamed]) -> String {
    let statements = renamed.iter().flat_map(|one| &one.up);
    statements.map(|sql| format!("{sql};\n")).collect()
}

/// How they are undone: what got another name first gets its old one back last.
pub(in crate::migrator) fn renames_down(renamed: &[Renamed]) -> String {
    let statements = renamed.iter().rev().flat_map(|one| &one.down);
    statements.map(|sql| format!("{sql};\n")).collect()
}

/// What is done between two states.
#[derive(Debug)]
pub(in crate::migrator) struct Way {
    /// In what they differ.
    pub(in crate::migrator) difference: SchemaDiff,
    /// The second one, where it differs in text alone as the first one is.
    pub(in crate::migrator) to: State,
    /// What is done.
    pub(in crate::migrator) actions: Vec<Action>,
}

impl Way {
    /// The way between two states, each told by a name.
    pub(in crate::migrator) async fn between(
        [(from_name, from), (to_name, to)]: [(String, &State); 2],
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Result<Self, Error> {
        let difference = difference([(from_name, from), (to_name, to)], scope, scratch).await?;
        let to = diff::reconcile(from, to, &difference.changes);
        let actions = diff::migrate(from, &to).map_err(StateError::from)?;
        Ok(Self {
            difference,
            to,
            actions,
        })
    }
}

/// A rename that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrator) struct Wanted {
    pub(in crate::migrator) rename: Rename,
    /// Where the declared schema says so; it may say so long after it was done.
    pub(in crate::migrator) place: Option<Place>,
}

impl Wanted {
    /// As it was told by a person, now.
    pub(in crate::migrator) fn now(rename: Rename) -> Self {
        Self {
            rename,
            place: None,
        }
    }

    /// Whether there is nothing to do, where the declared schema says so: it has its new name, or the
    /// old one still belongs to something, which did not get it by another rename.
    fn is_done(&self, state: &State, to: &State, all: &[Self]) -> bool {
        let keeps_old = || {
            let mut others = all.iter();
            self.rename.has_old(to) && !others.any(|other| other.is_behind(self))
        };
        self.place.is_some() && (self.rename.has_new(state) || keeps_old())
    }

    /// Whether its new name is the one that the other gives away, both in the declared schema.
    fn is_behind(&self, other: &Self) -> bool {
        self.place.is_some() && other.place.is_some() && self.rename.is_behind(&other.rename)
    }
}

/// Refuses renames that go in a circle.
fn insist_no_circle(wanted: &[Wanted]) -> Result<(), StateError> {
    for first in wanted {
        let mut last = first;
        for _ in wanted {
            let mut others = wanted.iter();
            let Some(next) = others.find(|other| last.is_behind(other) && *other != last) else {
                break;
            };
            if next == first {
                return Err(StateError::BadRename {
                    rename: first.rename.to_string(),
                    place: first.place.clone(),
                    reason: BadRename::Circle,
                });
            }
            last = next;
        }
    }
    Ok(())
}

/// Gives things of a database other names on the way to a state, and tells what it is then.
pub(in crate::migrator) async fn rename(
    session: &Session,
    (from, to): (&State, &State),
    wanted: &[Wanted],
    scope: &Scope,
) -> Result<(State, Vec<Renamed>), Error> {
    let mut renaming = Renaming {
        session,
        scope,
        state: from.clone(),
        done: Vec::new(),
    };
    insist_no_circle(wanted)?;
    let mut left: Vec<&Wanted> = wanted.iter().collect();
    while !left.is_empty() {
        let mut later = Vec::new();
        for one in &left {
            let is_taken = one.rename.has_new(&renaming.state);
            if is_taken
                && left
                    .iter()
                    .any(|other| other != one && one.is_behind(other))
            {
                // What has its name gets another one first.
                later.push(*one);
            } else if !one.is_done(&renaming.state, to, wanted) {
                renaming.step(&one.rename, one.place.as_ref()).await?;
            }
        }
        if later.len() == left.len() {
            break;
        }
        left = later;
    }
    // What has its name of them goes along: a sequence would begin anew otherwise.
    let done: Vec<Rename> = renaming.done.iter().map(|one| one.rename.clone()).collect();
    for rename in diff::derived(&renaming.state, to, &done) {
        renaming.step(&rename, None).await?;
    }
    Ok((renaming.state, renaming.done))
}

/// A database in which things get other names.
struct Renaming<'s> {
    session: &'s Session,
    scope: &'s Scope,
    /// What it is now.
    state: State,
    done: Vec<Renamed>,
}

impl Renaming<'_> {
    async fn step(&mut self, rename: &Rename, place: Option<&Place>) -> Result<(), Error> {
        let bad = |reason| StateError::BadRename {
            rename: rename.to_string(),
            place: place.cloned(),
            reason,
        };
        let up = rename.sql(&self.state).map_err(bad)?;
        let down = rename.inverse(&self.state);
        for sql in &up {
            match self.session.batch(sql).await {
                Ok(()) => {}
                Err(DbError::Server(error)) => {
                    let sql = sql.clone();
                    return Err(StateError::SqlFailed { sql, error }.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.state = catalog::read_state(self.session, self.scope).await?;
        self.done.push(Renamed {
            rename: rename.clone(),
            up,
            down,
        });
        Ok(())
    }
}

impl Migrator {
    /// Whether the settings allow that what deletes the data of this is written.
    pub(in crate::migrator) fn may_lose(&self, losses: Losses, fact: &FactId) -> bool {
        let allowed = &self.settings.declared.allow_destructive.value;
        let scope = Scope {
            include: allowed.clone(),
            exclude: Vec::new(),
        };
        losses == Losses::Allowed || !allowed.is_empty() && scope.holds(fact)
    }

    /// The SQL that makes the second state of the first one. Where it deletes data and that is not
    /// allowed, that is in it as a comment.
    ///
    /// # Errors
    /// As those of [`Migrator::schema_diff`], and renames of what is not there.
    pub async fn schema_sql(
        &self,
        request: &DiffRequest,
        way: &WayRequest,
        control: &Control,
    ) -> Result<SchemaSql, Error> {
        self.on_scratch(control, async |scratch| {
            self.sql_with(request, way, scratch, control).await
        })
        .await
    }

    async fn sql_with(
        &self,
        request: &DiffRequest,
        asked: &WayRequest,
        scratch: &mut Scratch<'_>,
        control: &Control,
    ) -> Result<SchemaSql, Error> {
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
        let (mut start, mut renamed) = (from.clone(), Vec::new());
        if !asked.renames.is_empty() {
            let session = scratch.remake(from).await?;
            let wanted: Vec<Wanted> = asked.renames.iter().cloned().map(Wanted::now).collect();
            let done = rename(&session, (from, to), &wanted, &scope).await;
            session.close().await;
            (start, renamed) = done?;
        }
        let names = [request.from.to_string(), request.to.to_string()];
        let [from_name, to_name] = names.clone();
        let sides = [(from_name, &start), (to_name, to)];
        let way = Way::between(sides, &scope, scratch).await?;
        let is_out =
            |action: &Action| action.deletes_data() && !self.may_lose(asked.losses, &action.fact);
        let withheld = way.actions.iter().filter(|action| is_out(action));
        let candidates = diff::candidates(&start, to);
        let [from_name, to_name] = names;
        let segments = diff::segments(&way.actions, asked.emission);
        Ok(SchemaSql {
            from: view(from_name, from),
            to: view(to_name, to),
            renames: renamed.iter().map(|one| one.rename.to_string()).collect(),
            rename_candidates: candidates.iter().map(ToString::to_string).collect(),
            hazards: hazards(&segments),
            withheld: withheld.map(|action| action.fact.clone()).collect(),
            sql: sql(&renamed, &way.actions, &segments, &is_out),
        })
    }
}

/// What is to be known of segments before they are run, in order.
pub(in crate::migrator) fn hazards(segments: &[Segment]) -> Vec<diff::Hazard> {
    let statements = segments.iter().flat_map(|segment| &segment.statements);
    let hazards = statements.flat_map(|statement| &statement.hazards);
    hazards.cloned().collect()
}

/// A way as one text for psql, which stops half done nowhere: what is one transaction is one there, too.
fn sql(
    renamed: &[Renamed],
    actions: &[Action],
    segments: &[Segment],
    is_out: &dyn Fn(&Action) -> bool,
) -> String {
    let mut parts: Vec<(Transaction, String)> = Vec::new();
    if !renamed.is_empty() {
        parts.push((Transaction::One, renames_up(renamed)));
    }
    for (at, segment) in segments.iter().enumerate() {
        let text = diff::script(actions, segment, &|action| {
            if is_out(action) {
                Destructive::Commented
            } else {
                Destructive::Written
            }
        });
        match (parts.last_mut(), segment.transaction) {
            // What gets another name does so with what comes first.
            (Some((_, names)), Transaction::One) if at == 0 => {
                names.push_str(&format!("\n{text}"));
            }
            (_, transaction) => parts.push((transaction, text)),
        }
    }
    let parts = parts
        .into_iter()
        .map(|(transaction, text)| match transaction {
            Transaction::One => format!("BEGIN;\n\n{text}\nCOMMIT;\n"),
            Transaction::Off => text,
        });
    parts.collect::<Vec<_>>().join("\n")
}

/// The statements of a way as one script: in one transaction where they are one segment, and each by
/// itself otherwise.
pub(in crate::migrator) fn one_segment(mut segments: Vec<Segment>) -> Segment {
    if segments.len() == 1
        && let Some(only) = segments.pop()
    {
        return only;
    }
    Segment {
        transaction: if segments.is_empty() {
            Transaction::One
        } else {
            Transaction::Off
        },
        statements: segments
            .into_iter()
            .flat_map(|one| one.statements)
            .collect(),
    }
}
