//! What all services share: the territories, the counters, and the way in to a territory.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use sha2::{Digest, Sha256};
use swerve_auth::Tokens;
use swerve_engine::{Mutation, Outcome, Request as EngineRequest, Snapshot};
use swerve_model::{LatLng, Moment, RequestId, RequestKey, TerritoryId};
use tokio::sync::watch;
use tonic::Request;

use crate::convert::Terms;
use crate::convert::name::named;
use crate::convert::view::View;
use crate::directory::{Directory, Hosted};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::gate::Caller;
use crate::metrics::Metrics;

/// Every service is one of these: cheap to clone, nothing of its own.
#[derive(Clone, Debug)]
pub(crate) struct Edge(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    tokens: Tokens,
    directory: Directory,
    metrics: Metrics,
    heartbeat: Duration,
    /// True from the moment shutdown begins.
    draining: watch::Receiver<bool>,
}

/// A call that came through the gate.
#[derive(Debug)]
pub(crate) struct Call<M> {
    pub(crate) caller: Arc<Caller>,
    pub(crate) message: M,
}

impl<M> Call<M> {
    /// # Errors
    /// The request did not come through the gate, which would be our own bug.
    pub(crate) fn open(request: Request<M>) -> Result<Call<M>, EdgeError> {
        let caller = request.extensions().get::<Arc<Caller>>().cloned();
        let caller = caller.ok_or(EdgeError::Bug("a call passed no gate"))?;
        Ok(Call { caller, message: request.into_inner() })
    }
}

impl Edge {
    pub(crate) fn new(
        tokens: Tokens,
        directory: Directory,
        heartbeat: Duration,
        draining: watch::Receiver<bool>,
    ) -> Edge {
        let metrics = Metrics::new();
        Edge(Arc::new(Shared { tokens, directory, metrics, heartbeat, draining }))
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn heartbeat(&self) -> Duration {
        self.0.heartbeat
    }

    pub(crate) fn draining(&self) -> watch::Receiver<bool> {
        self.0.draining.clone()
    }

    /// The territory a request names. The rest of the request is read in its terms.
    ///
    /// # Errors
    /// No name of a territory, or of none the caller can reach.
    pub(crate) fn territory(&self, caller: &Caller, name: &str) -> Result<&Arc<Hosted>, EdgeError> {
        let mut faults = Faults::new();
        let id: Option<TerritoryId> = named(name, Path::Root.field("territory"), &mut faults);
        let id = faults.unless_any(id)?;
        self.0.directory.named(caller.principal.tenant(), &id)
    }

    /// Hands a mutation to its territory and waits for the answer, no longer than the caller does.
    ///
    /// Safe to drop: what the queue has taken is carried out whole, and the same request id finds its
    /// answer.
    pub(crate) async fn submit<M: Message>(
        &self,
        call: &Call<M>,
        hosted: &Hosted,
        id: RequestId,
        validate_only: bool,
        request: EngineRequest,
    ) -> Result<Outcome, EdgeError> {
        let caller = &call.caller;
        let budget = caller.budget();
        let mutation = Mutation {
            principal: caller.principal.clone(),
            key: Some(RequestKey { id, digest: digest(caller.method, &call.message) }),
            budget,
            validate_only,
            request,
        };
        within(budget, hosted.territory.submit(mutation)).await
    }
}

/// Waits for `answer`, but no longer than `budget`.
pub(crate) async fn within(
    budget: Option<Duration>,
    answer: impl Future<Output = Result<Outcome, swerve_engine::EngineError>>,
) -> Result<Outcome, EdgeError> {
    let late = || EdgeError::Engine(swerve_engine::EngineError::DeadlinePassed);
    match budget {
        None => Ok(answer.await?),
        Some(budget) => Ok(tokio::time::timeout(budget, answer).await.map_err(|_| late())??),
    }
}

/// What makes two requests the same: SHA-256 of the method and the message's canonical bytes.
fn digest(method: &str, message: &impl Message) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(method.as_bytes());
    hasher.update([0]);
    hasher.update(message.encode_to_vec());
    hasher.finalize().into()
}

/// A territory at one moment: what a request is read against and an answer written from.
pub(crate) struct Ground<'a> {
    pub(crate) hosted: &'a Hosted,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(hosted: &'a Hosted) -> Ground<'a> {
        Ground { hosted, snapshot: hosted.territory.snapshot() }
    }

    /// Lets `read` decode a mutation in the territory's terms.
    ///
    /// One that was answered before is sent again to hear its answer: what has become past since is
    /// no fault of it.
    pub(crate) fn read<T>(&self, id: Option<&RequestId>, read: impl FnOnce(&Terms<'_>) -> T) -> T {
        let again = id.is_some_and(|id| self.answered(id));
        let off_network = |location: LatLng| off_network(self.hosted, location);
        read(&Terms {
            currency: &self.hosted.territory.settings().currency,
            skills: &self.hosted.skills,
            now: if again { Moment::EPOCH } else { self.snapshot.state.now },
            off_network: &off_network,
        })
    }

    /// Whether a request of this id has its answer already.
    pub(crate) fn answered(&self, id: &RequestId) -> bool {
        self.snapshot.state.answered.contains_key(id)
    }

    pub(crate) fn view(&self, caller: &Caller) -> View<'_> {
        view(self.hosted, caller)
    }
}

/// Why a van cannot stop at a location, if it cannot.
fn off_network(hosted: &Hosted, location: LatLng) -> Option<String> {
    match hosted.territory.snap(location) {
        Ok(_) => None,
        Err(swerve_engine::EngineError::Invalid(faults)) => {
            Some(faults.into_iter().map(|fault| fault.description).collect())
        }
        Err(error) => Some(error.to_string()),
    }
}

/// How `caller` sees a territory.
pub(crate) fn view<'a>(hosted: &'a Hosted, caller: &Caller) -> View<'a> {
    View {
        territory: hosted.territory.id(),
        currency: &hosted.territory.settings().currency,
        skills: &hosted.skills,
        role: caller.principal.role(),
    }
}

/// Runs a read that may take longer than half a millisecond beside the network threads.
///
/// # Errors
/// What `read` answers; or that it panicked, which would be our own bug.
pub(crate) async fn beside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, EdgeError> + Send + 'static,
) -> Result<T, EdgeError> {
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|_| EdgeError::Bug("a read panicked"))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_proto::v1;

    #[test]
    fn the_same_body_under_another_method_is_another_request() {
        let message =
            v1::GetPlanRequest { territory: "territories/t".into(), ..Default::default() };
        assert_eq!(digest("/a", &message), digest("/a", &message.clone()));
        assert_ne!(digest("/a", &message), digest("/b", &message));
        let other = v1::GetPlanRequest { page_size: 1, ..message.clone() };
        assert_ne!(digest("/a", &message), digest("/a", &other));
    }
}
