//! The published keys as they are known here, and when they are fetched.
//!
//! | what is known | what happens |
//! |---|---|
//! | a set of under 10 minutes | it serves |
//! | a set of 10 minutes to 24 hours | it serves, and a fetch is begun beside it; nobody waits |
//! | a set older than that, or none | a fetch is begun, and the token waits for it |
//! | a set without the key that the token names | the same, at most once in 30 seconds |
//!
//! There is one fetch at a time, as a task of its own: a token that needs it waits for the one that
//! runs. Without any set a failed fetch is tried again after 5 seconds: nobody can be let in until
//! one succeeds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::fetch::{Endpoint, FetchFault};
use super::key_set::{KeySet, Miss, VerifyingKey, Wanted};
use super::{JwksSettings, KeyDefect, TokenFault};

/// How long a set is taken as it is.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// How long a set serves when no newer one can be had.
const SERVES: TimeDelta = TimeDelta::hours(24);

/// The time from one fetch to the next while there is a set.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The time from one fetch to the next while there is none.
const PAUSE_WITHOUT_KEYS: TimeDelta = TimeDelta::seconds(5);

type Keys = Result<Vec<Arc<VerifyingKey>>, TokenFault>;

/// The published keys.
#[derive(Debug)]
pub(super) struct KeyRing {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    state: Mutex<State>,
    /// Counts the fetches that have ended.
    landed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// When the last fetch was begun.
    begun_at: Option<DateTime<Utc>>,
    fetching: bool,
}

#[derive(Debug)]
struct Held {
    set: Arc<KeySet>,
    as_of: DateTime<Utc>,
}

/// What a token is told.
enum Advice {
    /// This.
    Answer(Keys),
    /// That the fetch that runs may bring its key.
    Wait,
}

/// Whether less than `span` has passed since `then`. A clock that was set back says nothing about
/// that: better one fetch too many than none until the old time comes round.
fn within(span: TimeDelta, then: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let passed = now - then;
    TimeDelta::zero() <= passed && passed < span
}

impl State {
    /// The set that serves, and whether it is fresh.
    fn serving(&self, now: DateTime<Utc>) -> Option<(&Arc<KeySet>, bool)> {
        let held = self.held.as_ref()?;
        // A set from the future is one from before the clock was set back: of unknown age.
        let serves = now < held.as_of + SERVES;
        serves.then(|| (&held.set, within(FRESH, held.as_of, now)))
    }

    /// Notes that a fetch begins, if one may.
    fn begin(&mut self, pause: TimeDelta, now: DateTime<Utc>) -> bool {
        let resting = self.begun_at.is_some_and(|then| within(pause, then, now));
        if self.fetching || resting {
            return false;
        }
        self.fetching = true;
        self.begun_at = Some(now);
        true
    }

    /// What to tell a token, and whether a fetch is to be begun.
    fn advise(&mut self, wanted: Wanted<'_>, now: DateTime<Utc>) -> (Advice, bool) {
        let Some((set, fresh)) = self.serving(now) else {
            let begin = self.begin(PAUSE_WITHOUT_KEYS, now);
            return if self.fetching {
                (Advice::Wait, begin)
            } else {
                (Advice::Answer(Err(TokenFault::KeysUnavailable)), false)
            };
        };
        let keys = set.select(wanted);
        if keys.as_ref().is_err_and(|miss| *miss == Miss::Unknown) {
            let begin = self.begin(PAUSE, now);
            if self.fetching {
                return (Advice::Wait, begin);
            }
            return (Advice::Answer(keys.map_err(TokenFault::from)), false);
        }
        let begin = !fresh && self.begin(PAUSE, now);
        (Advice::Answer(keys.map_err(TokenFault::from)), begin)
    }

    /// What to tell a token that has waited.
    fn answer(&self, wanted: Wanted<'_>, now: DateTime<Utc>) -> Keys {
        let (set, _) = self.serving(now).ok_or(TokenFault::KeysUnavailable)?;
        set.select(wanted).map_err(TokenFault::from)
    }
}

impl From<Miss> for TokenFault {
    fn from(miss: Miss) -> Self {
        match miss {
            Miss::Unknown => Self::UnknownKey,
            Miss::WrongAlgorithm => Self::WrongAlgorithm,
            Miss::Unnamed => Self::MissingKeyId,
        }
    }
}

impl KeyRing {
    pub(super) fn new(settings: &JwksSettings) -> Result<Self, KeyDefect> {
        Ok(Self {
            shared: Arc::new(Shared {
                endpoint: Endpoint::new(settings)?,
                state: Mutex::default(),
                landed: watch::Sender::new(0),
            }),
        })
    }

    /// The keys that may have signed a token.
    pub(super) async fn find(&self, wanted: Wanted<'_>, now: DateTime<Utc>) -> Keys {
        // Before the state is looked at: a fetch that ends in between is not missed.
        let mut landed = self.shared.landed.subscribe();
        let (advice, begin) = self.shared.state().advise(wanted, now);
        if begin {
            self.begin(now);
        }
        if let Advice::Answer(keys) = advice {
            return keys;
        }
        // The sender lives in `shared`, so that this ends with a landing.
        let _gone = landed.changed().await;
        self.shared.state().answer(wanted, now)
    }

    /// Fetches the keys if none are known, and waits for that.
    pub(super) async fn warm(&self, now: DateTime<Utc>) {
        let mut landed = self.shared.landed.subscribe();
        let (begin, wait) = {
            let mut state = self.shared.state();
            let begin = state.serving(now).is_none() && state.begin(PAUSE_WITHOUT_KEYS, now);
            (begin, state.serving(now).is_none() && state.fetching)
        };
        if begin {
            self.begin(now);
        }
        if wait {
            let _gone = landed.changed().await;
        }
    }

    /// Begins the fetch that the state has noted. Not under the lock: a runtime that ends drops the
    /// task at once, and dropping it takes the lock.
    fn begin(&self, now: DateTime<Utc>) {
        let flight = Flight {
            shared: Arc::clone(&self.shared),
            begun_at: now,
        };
        tokio::spawn(async move {
            let outcome = flight.shared.endpoint.fetch().await;
            flight.bring(outcome);
        });
    }

    #[cfg(test)]
    pub(super) fn landings(&self) -> watch::Receiver<u64> {
        self.shared.landed.subscribe()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch on its way. However it ends, those who wait for it are told.
struct Flight {
    shared: Arc<Shared>,
    begun_at: DateTime<Utc>,
}

impl Flight {
    fn bring(self, outcome: Result<KeySet, FetchFault>) {
        let url = self.shared.endpoint.url();
        match outcome {
            Ok(set) => {
                let mut state = self.shared.state();
                let known = state.held.as_ref().map(|held| &held.set.ignored);
                let news = known != Some(&set.ignored);
                for ignored in set.ignored.iter().filter(|_| news) {
                    tracing::warn!(
                        url,
                        key_id = ?ignored.key_id,
                        reason = %ignored.reason,
                        "a published key is ignored"
                    );
                }
                tracing::debug!(url, keys = set.len(), "the published keys were fetched");
                state.held = Some(Held {
                    set: Arc::new(set),
                    as_of: self.begun_at,
                });
            }
            Err(fault) => {
                tracing::warn!(url, reason = %fault, "the published keys could not be fetched");
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.shared.state().fetching = false;
        self.shared.landed.send_modify(|landed| *landed += 1);
    }
}
