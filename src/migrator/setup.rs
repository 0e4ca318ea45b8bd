//! `setup`: the database is created if it is missing, then upgraded.

use std::time::Instant;

use super::control::Control;
use super::destination::Destination;
use super::error::Error;
use super::operations::Migrator;
use super::report::Setup;
use super::run::{Aim, RunAnswer, RunRequest};
use crate::db::{Ensured, ensure_database};

impl Migrator {
    /// Creates the database if it is missing, then runs the request.
    ///
    /// # Errors
    /// As for a run, and what keeps a database from being created.
    pub async fn setup(&self, request: &RunRequest, control: &Control) -> Result<Setup, Error> {
        let started = Instant::now();
        let run_id = self.run_id();
        let destination = Destination::find(&self.settings, &self.environment, control).await?;
        let options = self.session_options(&run_id);
        let ensured = match ensure_database(&destination.spec, &options).await {
            Ok(ensured) => ensured,
            Err(error) => {
                destination.leave().await?;
                return Err(error.into());
            }
        };
        let mut link = self.connect(destination, &run_id, control).await?;
        let answer = self
            .run_linked(
                &mut link,
                (&Aim::Target, request),
                &run_id,
                started,
                control,
            )
            .await;
        let closed = link.close().await;
        let answer = answer.map_err(|error| error.or_signal(control.stopped()))?;
        closed?;
        match answer {
            RunAnswer::Report(upgrade) => Ok(Setup {
                created: ensured == Ensured::Created,
                upgrade,
            }),
            RunAnswer::Plan(_) => Err(Error::NotForSetup {
                option: "--dry-run",
            }),
        }
    }
}
