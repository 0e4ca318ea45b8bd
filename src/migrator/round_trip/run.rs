//! `test`: from a request to what became of each revision.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::try_join_all;

use super::ground::Ground;
use super::seeds::Seeds;
use super::selection::{RoundTripRequest, Selection};
use super::walk::Walk;
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::executor::millis;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{Event, RoundTrip, RoundTrips, SeedReport};
use crate::migrator::states::Scratch;
use crate::schema::facts::Unmodelled;

/// What a job found.
struct Walked {
    trips: Vec<RoundTrip>,
    data: Vec<SeedReport>,
    version: Option<i32>,
    unmodelled: Vec<Unmodelled>,
}

impl Migrator {
    /// Runs every revision up, down and up again on scratch databases, and holds what the database is
    /// then against what it was. The database of the settings is not asked.
    ///
    /// # Errors
    /// Targets that name nothing; scripts and files of rows that cannot be read; git's; the scratch
    /// server's. What is wrong with revisions is no error, and told in the report.
    pub async fn round_trips(
        &self,
        request: &RoundTripRequest,
        control: &Control,
    ) -> Result<RoundTrips, Error> {
        let started = Instant::now();
        let seeds = tokio::select! {
            seeds = Seeds::load(&request.folder, &request.data) => seeds?,
            signal = control.stop() => return Err(Error::stopped_before_work(signal)),
        };
        let selection = self.selection(request).await?;
        let order = self.versions.graph.set(selection.order.iter().copied());
        self.versions.read_scripts(&order)?;
        let jobs = selection.jobs(request.jobs);
        let mut scratches: Vec<Scratch<'_>> = if selection.tested.is_empty() {
            Vec::new()
        } else {
            (0..jobs).map(|_| Scratch::new(&self.environment)).collect()
        };
        control.tell(Event::RoundTripsStarted {
            revisions: selection.tested.len(),
            jobs: scratches.len(),
        });
        let done = tokio::select! {
            done = self.walk_all(request, &seeds, &selection, &mut scratches, control) => done,
            signal = control.stop() => Err(Error::stopped_before_work(signal)),
        };
        let jobs = scratches.len();
        let mut stopped = Ok(());
        for mut scratch in scratches {
            stopped = stopped.and(scratch.stop().await);
        }
        let walked = done?;
        stopped?;
        // The last one has walked beneath all others' stretches too.
        let last = walked.last();
        Ok(RoundTrips {
            range: request.which.as_ref().map(ToString::to_string),
            changed_since: request.changed_since.clone(),
            revisions: self.versions.graph.len(),
            jobs,
            server_version_num: last.and_then(|one| one.version),
            data: last.map_or_else(|| seeds.report(), |one| one.data.clone()),
            unmodelled: last.map_or_else(Vec::new, |one| one.unmodelled.clone()),
            trips: walked.into_iter().flat_map(|one| one.trips).collect(),
            duration_ms: millis(started),
        })
    }

    async fn walk_all(
        &self,
        request: &RoundTripRequest,
        seeds: &Seeds,
        selection: &Selection,
        scratches: &mut [Scratch<'_>],
        control: &Control,
    ) -> Result<Vec<Walked>, Error> {
        let scope = self.state_scope(request.scope.clone());
        let done = AtomicUsize::new(0);
        let tell = |trip: &RoundTrip| {
            control.tell(Event::RoundTripDone {
                done: done.fetch_add(1, Ordering::Relaxed) + 1,
                revisions: selection.tested.len(),
                revision: trip.revision.clone(),
                message: trip.message.clone(),
                failed: trip.end.is_failure(),
            });
        };
        let (scope, tell) = (&scope, &tell);
        let stretches = selection.stretches(scratches.len().max(1));
        let walks = stretches
            .into_iter()
            .zip(scratches)
            .map(|(stretch, scratch)| async move {
                let strict = request.strict;
                let mut ground = Ground::open(self, scratch, scope, strict, seeds.clone()).await?;
                let walk = Walk {
                    ground: &mut ground,
                    selection,
                    stretch,
                    tell,
                };
                let trips = walk.whole().await?;
                Ok::<_, Error>(Walked {
                    trips,
                    data: ground.seeds.report(),
                    version: ground.version,
                    unmodelled: ground.unmodelled,
                })
            });
        try_join_all(walks).await
    }
}
