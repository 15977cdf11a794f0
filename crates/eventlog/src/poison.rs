//! The end of a log that failed: set once, never taken back.

use std::error::Error;
use std::sync::OnceLock;

use crate::error::EventLogError;

/// Why the log accepts nothing more, once it does not. After a failed sync nobody knows what is on
/// disk (the kernel may have dropped the pages and forgotten), so trying again would only make a
/// lost write look like a kept one.
#[derive(Debug, Default)]
pub(crate) struct Poison(OnceLock<String>);

impl Poison {
    /// The first failure is the one that is kept.
    pub(crate) fn set(&self, error: &EventLogError) {
        let mut cause = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            cause.push_str(": ");
            cause.push_str(&error.to_string());
            source = error.source();
        }
        let _ = self.0.set(cause);
    }

    pub(crate) fn check(&self) -> Result<(), EventLogError> {
        self.0.get().map_or(Ok(()), |cause| Err(EventLogError::Poisoned { cause: cause.clone() }))
    }
}
