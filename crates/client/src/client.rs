//! The connection, who speaks over it, and how long they wait.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use crate::error::ClientError;
use crate::retry::Backoff;

/// Waiting for a connection longer than this means there is no server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Pings a silent connection, so that a watch notices a server that is gone.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// Requests waiting for the connection at most: a simulator may start a fleet's calls at once.
const BUFFER: usize = 4_096;
/// What a connection may have under way without waiting for the other side, in bytes: watches of a
/// large plan share it with all calls.
const WINDOW: u32 = 8 << 20;

/// How a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Over all attempts of a call together; also the server's budget.
    pub deadline: Duration,
    pub backoff: Backoff,
}

impl Default for Options {
    fn default() -> Options {
        Options { deadline: Duration::from_secs(30), backoff: Backoff::default() }
    }
}

/// A caller of the API. Cheap to clone; clones share one HTTP/2 connection.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    authorization: Arc<MetadataValue<Ascii>>,
    options: Options,
}

impl Client {
    /// Connects to `address` (`http://host:port`) as the bearer of `token`.
    ///
    /// # Errors
    /// No address, no token that fits a header, or nobody answers.
    pub async fn connect(address: &str, token: &str) -> Result<Client, ClientError> {
        let channel = endpoint(address)?.connect().await.map_err(ClientError::Connect)?;
        Client::over(channel, token)
    }

    /// As [`Client::connect`], but connects with the first call; later calls reconnect by themselves.
    ///
    /// # Errors
    /// No address, or no token that fits a header.
    pub fn connect_lazy(address: &str, token: &str) -> Result<Client, ClientError> {
        Client::over(endpoint(address)?.connect_lazy(), token)
    }

    /// Another caller over the same connection.
    ///
    /// # Errors
    /// No token that fits a header.
    pub fn with_token(&self, token: &str) -> Result<Client, ClientError> {
        let authorization = authorization(token)?;
        Ok(Client { authorization: Arc::new(authorization), ..self.clone() })
    }

    /// The same caller with other patience.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Client {
        Client { options, ..self.clone() }
    }

    /// The same caller with another deadline for each call.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Client {
        self.with_options(Options { deadline, ..self.options })
    }

    fn over(channel: Channel, token: &str) -> Result<Client, ClientError> {
        let authorization = Arc::new(authorization(token)?);
        Ok(Client { channel, authorization, options: Options::default() })
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", (*self.authorization).clone());
        request
    }

    /// Sends `message` until it is answered, refused for good, or the deadline has passed.
    ///
    /// Every call of the API may be sent twice: reads change nothing, and a mutation carries an id.
    pub(crate) async fn call<Q, A, F>(
        &self,
        message: Q,
        send: impl Fn(Channel, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let deadline = Instant::now() + self.options.deadline;
        let mut attempt = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut request = self.request(message.clone());
            request.set_timeout(left);
            let sent = send(self.channel(), request);
            let late = || ClientError::DeadlinePassed { deadline: self.options.deadline };
            let answer = tokio::time::timeout_at(deadline, sent).await.map_err(|_| late())?;
            let error = match answer {
                Ok(response) => return Ok(response.into_inner()),
                Err(status) if is_timer_of_transport(&status) => return Err(late()),
                Err(status) => ClientError::from(status),
            };
            let Some(delay) = self.options.backoff.delay(attempt, &error) else {
                return Err(error);
            };
            if Instant::now() + delay >= deadline {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }
}

/// The transport's own timer runs beside ours, at either end, and may be the first to ring; our
/// server's statuses have details.
fn is_timer_of_transport(status: &Status) -> bool {
    status.code() == Code::Cancelled && status.details().is_empty()
}

fn endpoint(address: &str) -> Result<Endpoint, ClientError> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|source| ClientError::Address { address: address.to_owned(), source })?;
    Ok(endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .buffer_size(BUFFER)
        .initial_stream_window_size(WINDOW / 8)
        .initial_connection_window_size(WINDOW)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE))
}

fn authorization(token: &str) -> Result<MetadataValue<Ascii>, ClientError> {
    let mut value: MetadataValue<Ascii> =
        format!("Bearer {token}").parse().map_err(|_| ClientError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}
