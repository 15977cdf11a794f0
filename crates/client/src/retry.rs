//! Whether to try again, and when.

use std::time::Duration;

use tonic::Code;
use uuid::Uuid;

use crate::error::ClientError;

/// Delays between attempts: doubled each time, up to a limit, with half of each left to chance so
/// that callers who failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub max: Duration,
    /// Attempts after the first one.
    pub retries: u32,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { first: Duration::from_millis(20), max: Duration::from_secs(2), retries: 12 }
    }
}

impl Backoff {
    /// Each call is sent once.
    pub const NONE: Backoff = Backoff { first: Duration::ZERO, max: Duration::ZERO, retries: 0 };

    /// How long to wait after `attempt` (0 first) failed with `error`; `None` to give up.
    ///
    /// Only an overloaded or absent server is asked again: every other answer would be the same.
    /// Never sooner than the server asked for.
    pub fn delay(&self, attempt: u32, error: &ClientError) -> Option<Duration> {
        let ClientError::Rejected(rejection) = error else { return None };
        let passing = matches!(rejection.code, Code::Unavailable | Code::ResourceExhausted);
        if !passing || attempt >= self.retries {
            return None;
        }
        let asked_for = rejection.retry_after.unwrap_or_default();
        Some(self.nth(attempt).max(asked_for) + self.jitter(attempt))
    }

    fn nth(&self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << attempt.min(16));
        doubled.min(self.max) / 2
    }

    /// A random UUID is the only source of chance there is here, and as good as another.
    fn jitter(&self, attempt: u32) -> Duration {
        let span = self.nth(attempt).as_micros().max(1);
        let micros = Uuid::new_v4().as_u128() % span;
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Rejection;

    fn rejected(code: Code, retry_after: Option<Duration>) -> ClientError {
        ClientError::Rejected(Box::new(Rejection { code, retry_after, ..Rejection::default() }))
    }

    #[test]
    fn only_an_overloaded_or_absent_server_is_asked_again() {
        let backoff = Backoff::default();
        for code in [Code::Unavailable, Code::ResourceExhausted] {
            assert!(backoff.delay(0, &rejected(code, None)).is_some());
        }
        for code in [Code::InvalidArgument, Code::Aborted, Code::DeadlineExceeded, Code::Internal] {
            assert_eq!(backoff.delay(0, &rejected(code, None)), None);
        }
        assert_eq!(backoff.delay(backoff.retries, &rejected(Code::Unavailable, None)), None);
        assert_eq!(Backoff::NONE.delay(0, &rejected(Code::Unavailable, None)), None);
    }

    #[test]
    fn delays_grow_up_to_the_limit_and_never_undercut_the_server() {
        let backoff = Backoff::default();
        let busy = rejected(Code::ResourceExhausted, None);
        for attempt in 0..backoff.retries {
            let delay = backoff.delay(attempt, &busy).expect("it tries again");
            let full = (backoff.first * (1 << attempt.min(16))).min(backoff.max);
            assert!(delay >= full / 2 && delay <= full, "{attempt}: {delay:?}");
        }
        let wait = Duration::from_secs(7);
        let told = rejected(Code::Unavailable, Some(wait));
        assert!(backoff.delay(0, &told).expect("it tries again") >= wait);
    }
}
