//! Watches that go on: over lost connections, restarts and overload, from where they were.

use std::future::Future;
use std::time::Duration;

use swerve_proto::v1;
use tonic::{Status, Streaming};

use crate::client::Client;
use crate::error::ClientError;
use crate::retry::Backoff;

/// The server is never silent for more than ten seconds; three times that and it is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// A watch waits for a server that restarts as long as it takes, at most this long between tries.
const RECONNECT: Backoff =
    Backoff { first: Duration::from_millis(20), max: Duration::from_secs(2), retries: u32::MAX };

/// What a watch tells.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchEvent<T> {
    /// A resource as it is now. After a reconnect the newest ones may come again.
    Is { resource: Box<T>, plan_revision: Option<v1::PlanRevision> },
    /// Nothing more up to here: the snapshot is complete, or all is quiet.
    Bookmark { bookmark: v1::Bookmark, plan_revision: Option<v1::PlanRevision> },
    /// The server no longer knew where this watch was. Forget what was told: a snapshot follows.
    Restarted,
}

/// A message of a watch, in the words all watches share. Implemented for each watch's response.
pub trait WatchMessage: Sized + Send + 'static {
    type Request: Clone + Send + Sync;
    type Resource: Send;

    #[doc(hidden)]
    fn open(
        client: &Client,
        request: Self::Request,
    ) -> impl Future<Output = Result<Streaming<Self>, Status>> + Send;
    #[doc(hidden)]
    fn token_mut(request: &mut Self::Request) -> &mut String;
    #[doc(hidden)]
    fn split(self) -> Parts<Self::Resource>;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Parts<T> {
    pub token: String,
    pub revision: Option<v1::PlanRevision>,
    pub said: Option<Said<T>>,
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Said<T> {
    Is(Box<T>),
    Bookmark(v1::Bookmark),
}

/// A watch under way. Dropping it ends it.
#[derive(Debug)]
pub struct Watch<M: WatchMessage> {
    client: Client,
    /// Carries the token of the last event that was handled.
    request: M::Request,
    stream: Option<Streaming<M>>,
    /// Of the event being handled.
    pending: Option<String>,
    /// Failures since the last message.
    failures: u32,
}

impl<M: WatchMessage> Watch<M> {
    pub(crate) fn new(client: Client, request: M::Request) -> Watch<M> {
        Watch { client, request, stream: None, pending: None, failures: 0 }
    }

    /// Where to resume from, after every event that is handled. Kept by the caller, it survives the
    /// process.
    pub fn token(&mut self) -> &str {
        M::token_mut(&mut self.request)
    }

    /// Says that the event answered last is handled, for those who keep the token before they ask for
    /// the next.
    pub fn handled(&mut self) {
        if let Some(handled) = self.pending.take() {
            *M::token_mut(&mut self.request) = handled;
        }
    }

    /// The next event. Asking for it says that the one before is handled.
    ///
    /// Safe to drop: an event that was not answered comes again.
    ///
    /// # Errors
    /// What would not pass by waiting: no right to watch, an unknown territory, a bad filter.
    pub async fn next(&mut self) -> Result<WatchEvent<M::Resource>, ClientError> {
        self.handled();
        loop {
            match self.message().await {
                Ok(Some(message)) => {
                    if let Some(event) = self.take(message.split()) {
                        return Ok(event);
                    }
                }
                Ok(None) => self.stream = None,
                Err(status) => {
                    self.stream = None;
                    if self.recover(status).await? {
                        return Ok(WatchEvent::Restarted);
                    }
                }
            }
        }
    }

    fn take(&mut self, parts: Parts<M::Resource>) -> Option<WatchEvent<M::Resource>> {
        self.failures = 0;
        let plan_revision = parts.revision;
        let Some(said) = parts.said else {
            *M::token_mut(&mut self.request) = parts.token;
            return None;
        };
        self.pending = Some(parts.token);
        Some(match said {
            Said::Is(resource) => WatchEvent::Is { resource, plan_revision },
            Said::Bookmark(bookmark) => WatchEvent::Bookmark { bookmark, plan_revision },
        })
    }

    /// The next message; `None` when the stream has ended, as it does when the server drains.
    async fn message(&mut self) -> Result<Option<M>, Status> {
        if self.stream.is_none() {
            self.stream = Some(M::open(&self.client, self.request.clone()).await?);
        }
        let Some(stream) = self.stream.as_mut() else { return Ok(None) };
        match tokio::time::timeout(SILENCE_MAX, stream.message()).await {
            Ok(message) => message,
            Err(_) => Err(Status::unavailable("the watch fell silent")),
        }
    }

    /// Waits as long as the failure asks for; `true` if the watch has to begin again.
    async fn recover(&mut self, status: Status) -> Result<bool, ClientError> {
        let error = ClientError::from(passing(status));
        if error.reason() == "RESUME_TOKEN_EXPIRED" {
            M::token_mut(&mut self.request).clear();
            return Ok(true);
        }
        let Some(delay) = RECONNECT.delay(self.failures, &error) else { return Err(error) };
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(delay).await;
        Ok(false)
    }
}

/// A connection that breaks in the middle of a stream is reported in several ways, none of them by
/// our server, whose every status has details.
fn passing(status: Status) -> Status {
    use tonic::Code::{Cancelled, Internal, Unknown};
    let by_transport = status.details().is_empty();
    match status.code() {
        Cancelled | Internal | Unknown if by_transport => Status::unavailable(status.message()),
        _ => status,
    }
}
