//! What time it is: the one place that asks.

use chrono::{DateTime, Utc};

/// A source of the current instant. Tests hold one that stands still.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that always answers the same instant.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The current instant, in UTC.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
            Self::System => Utc::now(),
            Self::Fixed(at) => at,
        }
    }
}
