//! What is counted, for Prometheus.

use std::fmt;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::access::Access;

/// The media type of what [`Metrics::text`] gives.
pub(crate) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the times that answers take, in seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Which route: its pattern, never a path that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolName {
    pool: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Users,
    Service,
}

impl EncodeLabelValue for Name {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        let name = match self {
            Self::Users => "users",
            Self::Service => "service",
        };
        EncodeLabelValue::encode(&name, encoder)
    }
}

/// What is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    times: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge<i64, AtomicI64>,
    open: Family<PoolName, Gauge>,
    idle: Family<PoolName, Gauge>,
    waiting: Family<PoolName, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        fn histogram() -> Histogram {
            Histogram::new(SECONDS)
        }
        let mut registry = Registry::with_prefix("grace_api");
        let requests = Family::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        let times = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register_with_unit(
            "answer_time",
            "How long answers took",
            Unit::Seconds,
            times.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "requests_in_flight",
            "Requests that are being answered",
            in_flight.clone(),
        );
        let (open, idle, waiting) = (Family::default(), Family::default(), Family::default());
        registry.register("pool_open", "Sessions that are open", open.clone());
        registry.register("pool_idle", "Sessions that nobody uses", idle.clone());
        registry.register(
            "pool_waiting",
            "Requests that wait for a session",
            waiting.clone(),
        );
        Self {
            registry,
            requests,
            times,
            in_flight,
            open,
            idle,
            waiting,
        }
    }

    /// A request has come; it is gone when the answer is dropped.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request of `route` was answered.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.times
            .get_or_create(&Route {
                method: method.clone(),
                route: route.clone(),
            })
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&Answered {
                method,
                route,
                status,
            })
            .inc();
    }

    /// All of it, as OpenMetrics text.
    pub(crate) fn text(&self, access: &Access) -> String {
        let pools = [
            (Name::Users, Some(access.users())),
            (Name::Service, access.service()),
        ];
        for (pool, status) in pools {
            let Some(status) = status else { continue };
            let set = |family: &Family<PoolName, Gauge>, count: usize| {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                family.get_or_create(&PoolName { pool }).set(count);
            };
            set(&self.open, status.open);
            set(&self.idle, status.idle);
            set(&self.waiting, status.waiting);
        }
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(fmt::Error) => String::new(),
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge<i64, AtomicI64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
