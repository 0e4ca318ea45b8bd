//! How a step's transaction begins and ends, and how the session is put back between two.

use std::collections::BTreeSet;

use super::commit::answered;
use super::error::StepCause;
use super::executor::{Ahead, At, Executor, Sent};
use super::gate::CHANGES;
use super::prepare::{ReadyScript, ReadyStep};
use super::trouble::{Trouble, commit_trouble};
use crate::bookkeeping::{StepTransaction, Within};
use crate::db::{Answer, DbError};

/// How the session rests between scripts: nothing in its path, and commits as by [`LAZY`].
const RESTING: &str = "SET search_path = ''; SET synchronous_commit = off;";
const NO_PATH: &str = "SET search_path = '';";

/// Commits that do not wait for the disk. Script and version row are in one transaction, so a crash
/// of the server loses whole revisions from the end and never half a one; the last commit waits for
/// all, and where a run stops before it, one that is made for that.
const LAZY: &str = "SET synchronous_commit = off;";

/// The server's clock, in words that any setting of dates reads alike.
const CLOCK: &str = "pg_catalog.to_char(pg_catalog.clock_timestamp() at time zone 'UTC', \
     'YYYY-MM-DD HH24:MI:SS.US+00')";

/// Checks what a COMMIT would check, where none comes yet, and leaves constraints as they began:
/// what is pending would be in the way of the next script.
const CHECK_DEFERRED: &str = "
do $check$
declare
    checked pg_catalog.text;
    deferred pg_catalog.text;
begin
    select pg_catalog.string_agg(name, ', '), pg_catalog.string_agg(name, ', ') filter (where waits)
    into checked, deferred
    from (
        select pg_catalog.format('%I.%I', n.nspname, c.conname) as name,
               pg_catalog.bool_or(c.condeferred)
                   and pg_catalog.bool_and(c.condeferrable) as waits
        from (
            select distinct connamespace, conname from pg_catalog.pg_constraint where condeferrable
        ) named
        join pg_catalog.pg_constraint c using (connamespace, conname)
        join pg_catalog.pg_namespace n on n.oid = connamespace
        where pg_catalog.has_schema_privilege(n.oid, 'usage')
          and not pg_catalog.pg_is_other_temp_schema(n.oid)
        group by 1
    ) constraints;
    if checked is not null then
        execute 'set constraints ' || checked || ' immediate';
    end if;
    if deferred is not null then
        execute 'set constraints ' || deferred || ' deferred';
    end if;
end
$check$";

/// A step's transaction, as the server told when it was begun.
pub(super) struct Begun {
    /// What `pg_current_xact_id()` gave.
    pub(super) id: String,
    /// The server's clock, where the script began at another time than the transaction.
    pub(super) clock: Option<String>,
    /// What [`CHANGES`] told, where it was asked and the server counts.
    pub(super) changes: Option<i64>,
}

impl Begun {
    fn read(answers: &[Answer]) -> Result<Self, DbError> {
        let value = |at| answers.last().and_then(|answer| answer.value(at));
        Ok(Self {
            id: value(0)
                .map(str::to_owned)
                .ok_or_else(|| no_answer("a transaction's begin"))?,
            clock: value(1).map(str::to_owned),
            changes: value(2).and_then(|count| count.parse().ok()),
        })
    }

    /// The same, as it is recorded.
    pub(super) fn transaction(&self, journalled: bool) -> StepTransaction<'_> {
        StepTransaction {
            within: Within::Id(&self.id),
            began: self.clock.as_deref(),
            journalled,
        }
    }
}

impl<'a> Executor<'a> {
    /// Lets the session rest, and learns which settings need not be set again between scripts: on
    /// most servers half of them are what a session has by itself.
    pub(super) async fn learn_defaults(&self) -> Result<(), DbError> {
        let version = self.session.server_version_num();
        let sql = format!("{RESTING} {}", self.settings.defaults_sql(version));
        let answers = self.session.answers(&sql).await?;
        let rows = answers.last().map_or(&[][..], |answer| &answer.rows);
        let defaults = rows.iter().flatten().flatten().cloned().collect();
        let _known = self.reset.set(self.settings.reset_sql(version, &defaults));
        Ok(())
    }

    fn reset_sql(&self) -> &str {
        self.reset.get_or_init(|| {
            let version = self.session.server_version_num();
            self.settings.reset_sql(version, &BTreeSet::new())
        })
    }

    /// Puts the session back, as it was before any script.
    pub(super) async fn reset(&self) -> Result<(), DbError> {
        if self.session.is_shared() {
            return self.session.tidy().await;
        }
        let reset = self.reset_sql();
        let rest = if self.one_transaction() {
            // Settings that a COMMIT would keep are kept until the end anyway.
            NO_PATH
        } else {
            RESTING
        };
        self.session.batch(&format!("{reset} {rest}")).await
    }

    /// Commits the step, takes back what its script left, and begins the transaction of the next:
    /// one message, of which nothing runs behind a COMMIT that fails. What is taken back has a
    /// transaction of its own: how the next one begins is among it.
    ///
    /// The next script is on its way before that is answered, where it is one message and all that
    /// runs in its step: the server need not wait for it. It does not run but in that transaction,
    /// and its COMMIT is sent only once all of it is answered.
    pub(super) async fn commit_and_begin(
        &self,
        begun: &Begun,
        at: &At<'a>,
        next: &'a ReadyStep,
    ) -> Result<Ahead<'a>, Trouble> {
        let script = &next.script;
        let reset = self.reset_sql();
        let before = format!("commit; begin; {reset} {LAZY} commit; begin;");
        let settings = self.own_settings(script);
        let first = self.begin_sql(&before, &settings);
        let (answers, sent) = if !at.journalled && next.verify.is_none() && script.is_sent_at_once()
        {
            let record = self.step_record(
                next,
                StepTransaction {
                    within: Within::Marked,
                    began: None,
                    journalled: false,
                },
            );
            let first = format!("{first}, {}", Within::MARK);
            let behind = record.sql();
            let both =
                self.session
                    .answers_then_script(&first, &script.text, &script.statements, &behind);
            let (answers, script) = self.answered(both).await;
            (answers, Some(Sent { script, record }))
        } else {
            (self.answered(self.session.answers(&first)).await, None)
        };
        match answers.and_then(|answers| Begun::read(&answers)) {
            // Of several commands one failed: the server tells what became of the first.
            Err(DbError::Server(error)) => {
                if let Some(sent) = sent {
                    // It was refused, or not even begun.
                    let _refused = sent.script.finish(&mut |_| ()).await;
                }
                match self.roll_back(begun).await {
                    Ok(true) => Err(commit_trouble(DbError::Server(error), &begun.id)),
                    Ok(false) => Ok(Ahead {
                        begun: Err(DbError::Server(error)),
                        sent: None,
                    }),
                    Err(lost) => Err(commit_trouble(lost, &begun.id)),
                }
            }
            Err(lost) => Err(commit_trouble(lost, &begun.id)),
            Ok(begun) => Ok(Ahead {
                begun: Ok(begun),
                sent,
            }),
        }
    }

    /// Takes back what a script left, and begins the transaction of the next. The server is told
    /// of both before it has answered.
    pub(super) async fn begin_anew(&self, script: &ReadyScript) -> Result<Begun, DbError> {
        let settings = self.script_settings(script);
        let (reset, begun) = tokio::join!(biased; self.reset(), self.begin(&settings));
        reset?;
        begun
    }

    /// Rolls back a step's transaction that failed. Tells whether that is what was rolled back: a
    /// script that ended it has done some of its work for good.
    pub(super) async fn roll_back(&self, begun: &Begun) -> Result<bool, DbError> {
        let sql = format!(
            "rollback; select pg_catalog.pg_xact_status('{}'::pg_catalog.xid8)",
            begun.id
        );
        let answers = self.session.answers(&sql).await?;
        let status = answers.last().and_then(|answer| answer.value(0));
        Ok(status == Some("aborted"))
    }

    /// Commits what was begun. A commit that is `durable` waits for the disk, and with it all before
    /// it are durable too.
    pub(super) async fn commit(&self, begun: &Begun, durable: bool) -> Result<(), Trouble> {
        let commit = if durable {
            "set local synchronous_commit to default; commit"
        } else {
            "commit"
        };
        let commit = self.session.leave_sql() + commit;
        let committed = self.answered(self.session.batch(&commit)).await;
        committed.map_err(|error| commit_trouble(error, &begun.id))
    }

    /// Awaits the answer to a COMMIT, for as long as the settings allow.
    async fn answered<T>(&self, commit: impl Future<Output = T>) -> T {
        let limit = self.options.commit_timeout;
        answered(self.session, self.control, limit, commit).await
    }

    /// Begins a step's transaction, unless all share one, under these settings.
    pub(super) async fn begin(&self, settings: &str) -> Result<Begun, DbError> {
        let begin = if self.one_transaction() { "" } else { "begin;" };
        self.begin_behind(begin, settings).await
    }

    async fn begin_behind(&self, before: &str, settings: &str) -> Result<Begun, DbError> {
        let sql = self.begin_sql(before, settings);
        Begun::read(&self.session.answers(&sql).await?)
    }

    /// The statements of which the last gives what [`Begun::read`] reads.
    fn begin_sql(&self, before: &str, settings: &str) -> String {
        // A transaction of its own begins when its script does.
        let clock = if self.one_transaction() {
            CLOCK
        } else {
            "null"
        };
        let changes = match self.gate {
            Some(_) => CHANGES,
            None => "null",
        };
        format!("{before} {settings} select pg_catalog.pg_current_xact_id(), {clock}, {changes}")
    }

    /// The server's clock.
    pub(super) async fn now(&self) -> Result<String, DbError> {
        let answers = self.session.answers(&format!("select {CLOCK}")).await?;
        let clock = answers.last().and_then(|answer| answer.value(0));
        clock
            .map(str::to_owned)
            .ok_or_else(|| no_answer("the server's clock"))
    }

    /// Checks what waits for a COMMIT, as the step's own would do.
    pub(super) async fn check_deferred(&self) -> Result<(), Trouble> {
        match self.session.batch(CHECK_DEFERRED).await {
            Err(DbError::Server(error)) => Err(Trouble::Cause(StepCause::Commit(error), None)),
            checked => Ok(checked?),
        }
    }

    /// The same as [`Self::script_settings`] in a session that was just put back, path and all:
    /// what stands need not be set.
    fn own_settings(&self, script: &ReadyScript) -> String {
        let own = &script.settings;
        if own.lock_timeout.is_none()
            && own.statement_timeout.is_none()
            && self.options.statement_timeout == self.settings.statement_timeout
        {
            return String::new();
        }
        self.script_settings(script)
    }

    /// The statements that set the path and the timeouts for a script in a transaction.
    pub(super) fn script_settings(&self, script: &ReadyScript) -> String {
        let lock_timeout = self.settings.lock_timeout;
        let statement_timeout = self.options.statement_timeout;
        script.settings_sql("local", lock_timeout, statement_timeout) + ";"
    }
}

fn no_answer(during: &'static str) -> DbError {
    DbError::Protocol {
        during,
        reason: "no answer".to_owned(),
    }
}
