//! What all requests share.

use std::sync::Arc;

use super::access::Access;
use super::limits::RateLimits;
use super::metrics::Metrics;
use super::readiness::Readiness;
use super::token::{ServiceKey, Verifier};

/// What all requests share.
pub(crate) type App = Arc<Shared>;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The way to the database.
    pub(crate) access: Access,
    /// What verifies tokens.
    pub(crate) verifier: Verifier,
    /// What the service says who it is with.
    pub(crate) service_key: Option<ServiceKey>,
    /// How many requests a subject and an address have.
    pub(crate) limits: RateLimits,
    /// Whether requests can be served.
    pub(crate) readiness: Readiness,
    /// What is counted.
    pub(crate) metrics: Metrics,
}
