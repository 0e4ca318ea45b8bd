//! How many requests a subject, and an address, may make.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use super::error::ApiError;

/// How many requests a second somebody has; as many may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rates {
    /// A subject: the user of a token. None is no limit.
    pub(crate) per_subject: Option<NonZeroU32>,
    /// An address, whoever asks from there. None is no limit.
    pub(crate) per_address: Option<NonZeroU32>,
}

/// How many requests were made lately, and by whom.
#[derive(Debug)]
pub(crate) struct RateLimits {
    subjects: Option<DefaultKeyedRateLimiter<Uuid>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Limits that nobody has used yet.
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            subjects: rates
                .per_subject
                .map(|rate| RateLimiter::keyed(Quota::per_second(rate))),
            addresses: rates
                .per_address
                .map(|rate| RateLimiter::keyed(Quota::per_second(rate))),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a subject.
    pub(crate) fn subject(&self, subject: Uuid) -> Result<(), ApiError> {
        self.check(self.subjects.as_ref(), &subject)
    }

    /// Counts a request from an address. All of an IPv6 network's host part is one address.
    pub(crate) fn address(&self, address: IpAddr) -> Result<(), ApiError> {
        self.check(self.addresses.as_ref(), &network(address))
    }

    fn check<K: std::hash::Hash + Eq + Clone>(
        &self,
        limiter: Option<&DefaultKeyedRateLimiter<K>>,
        key: &K,
    ) -> Result<(), ApiError> {
        let Some(limiter) = limiter else {
            return Ok(());
        };
        limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            ApiError::TooMany {
                retry_after_s: wait.as_secs() + 1,
            }
        })
    }

    /// Forgets who has not asked for a while.
    pub(crate) fn forget(&self) {
        if let Some(subjects) = &self.subjects {
            subjects.retain_recent();
            subjects.shrink_to_fit();
        }
        if let Some(addresses) = &self.addresses {
            addresses.retain_recent();
            addresses.shrink_to_fit();
        }
    }
}

/// What counts as one address: an IPv4 address, or an IPv6 network of 64 bits, which one house has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_asks_too_often_is_told_when_to_come_again() {
        let limits = RateLimits::new(Rates {
            per_subject: NonZeroU32::new(2),
            per_address: None,
        });
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(limits.subject(one).is_ok());
        assert!(limits.subject(one).is_ok());
        assert!(matches!(
            limits.subject(one),
            Err(ApiError::TooMany { retry_after_s: 1 })
        ));
        assert!(limits.subject(other).is_ok());
        for _ in 0..100 {
            assert!(limits.address("127.0.0.1".parse().unwrap()).is_ok());
        }
        limits.forget();
    }

    #[test]
    fn a_house_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
    }
}
