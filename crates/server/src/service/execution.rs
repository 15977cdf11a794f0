//! `ExecutionService`: what drivers report, and whether they can do what is asked.

use swerve_engine::{Request as Asked, Snapshot};
use swerve_model::{ManifestId, Moment, RequestId, Revision, StopId};
use swerve_proto::v1::execution_service_server::ExecutionService;
use swerve_proto::v1::{
    AcknowledgeRevisionRequest, AcknowledgeRevisionResponse, ArriveStopRequest, ArriveStopResponse,
    CloseManifestRequest, CloseManifestResponse, CompleteStopRequest, CompleteStopResponse,
    DepartManifestRequest, DepartManifestResponse, FailStopRequest, FailStopResponse, PlanRevision,
    RefuseRevisionRequest, RefuseRevisionResponse, ReportPositionsRequest, ReportPositionsResponse,
};
use tonic::{Request, Response, Status};

use crate::convert::name::{named, named_under, request_id};
use crate::convert::quantity::revision;
use crate::convert::scan::{failure, positions};
use crate::convert::time::moment_if_set;
use crate::edge::{Call, Edge, Ground};
use crate::error::EdgeError;
use crate::fault::{Faults, Path, shown};
use crate::gate::Caller;
use crate::service::ground;
use crate::service::manifest::manifest_in;

const ROOT: Path<'static> = Path::Root;
/// A driver's reason is one line for the dispatcher.
const REASON_CHARS_MAX: usize = 200;

/// What every report of a manifest says.
struct OfManifest {
    id: RequestId,
    manifest: ManifestId,
    at: Moment,
}

/// What every report of a stop says.
struct OfStop {
    id: RequestId,
    manifest: ManifestId,
    stop: StopId,
    at: Moment,
}

/// Reads the fields that reports share.
macro_rules! report {
    (manifest $message:expr, $snapshot:expr) => {{
        let mut faults = Faults::new();
        let id = request_id(&$message.request_id, ROOT, &mut faults);
        let manifest = named(&$message.manifest, ROOT.field("manifest"), &mut faults);
        let at = when($message.time.as_ref(), $snapshot, &mut faults);
        let report = id.zip(manifest).zip(at);
        faults.unless_any(report.map(|((id, manifest), at)| OfManifest { id, manifest, at }))
    }};
    (stop $message:expr, $snapshot:expr, $faults:expr) => {{
        let id = request_id(&$message.request_id, ROOT, &mut $faults);
        let stop = named_under(&$message.stop, ROOT.field("stop"), &mut $faults);
        let at = when($message.time.as_ref(), $snapshot, &mut $faults);
        let report = id.zip(stop).zip(at);
        report.map(|((id, (manifest, stop)), at)| OfStop { id, manifest, stop, at })
    }};
}

/// When it happened; now, if the report does not say.
fn when(
    time: Option<&prost_types::Timestamp>,
    snapshot: &Snapshot,
    faults: &mut Faults,
) -> Option<Moment> {
    Some(moment_if_set(time, ROOT.field("time"), faults)?.unwrap_or(snapshot.state.now))
}

#[tonic::async_trait]
impl ExecutionService for Edge {
    async fn depart_manifest(
        &self,
        request: Request<DepartManifestRequest>,
    ) -> Result<Response<DepartManifestResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let OfManifest { id, manifest, at } = report!(manifest call.message, &ground.snapshot)?;
        let asked = Asked::DepartManifest { manifest: manifest.clone(), at };
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let view = ground.view(&call.caller);
        Ok(Response::new(DepartManifestResponse {
            manifest: manifest_in(&outcome.snapshot, &manifest, &view),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn close_manifest(
        &self,
        request: Request<CloseManifestRequest>,
    ) -> Result<Response<CloseManifestResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let OfManifest { id, manifest, at } = report!(manifest call.message, &ground.snapshot)?;
        let asked = Asked::CloseManifest { manifest, at };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(CloseManifestResponse { plan_revision }))
    }

    async fn report_positions(
        &self,
        request: Request<ReportPositionsRequest>,
    ) -> Result<Response<ReportPositionsResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let state = &ground.snapshot.state;
        let mut faults = Faults::new();
        let positions = positions(&message.positions, state.now, ROOT, &mut faults);
        let positions = faults.unless_any(positions)?;
        for (manifest, _) in &positions {
            may_report(&caller, &ground.snapshot, manifest)?;
        }
        for (manifest, position) in positions {
            let territory = &ground.hosted.territory;
            let reported = territory.report_position(&caller.principal, &manifest, position);
            reported.map_err(EdgeError::from)?;
        }
        let plan_revision = Some(ground.view(&caller).revision(state.revision));
        Ok(Response::new(ReportPositionsResponse { plan_revision }))
    }

    async fn arrive_stop(
        &self,
        request: Request<ArriveStopRequest>,
    ) -> Result<Response<ArriveStopResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let mut faults = Faults::new();
        let report = report!(stop call.message, &ground.snapshot, faults);
        let OfStop { id, manifest, stop, at } = faults.unless_any(report)?;
        let asked = Asked::ArriveStop { manifest, stop, at };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(ArriveStopResponse { plan_revision }))
    }

    async fn complete_stop(
        &self,
        request: Request<CompleteStopRequest>,
    ) -> Result<Response<CompleteStopResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let mut faults = Faults::new();
        let report = report!(stop call.message, &ground.snapshot, faults);
        let OfStop { id, manifest, stop, at } = faults.unless_any(report)?;
        let asked = Asked::CompleteStop { manifest, stop, at };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(CompleteStopResponse { plan_revision }))
    }

    async fn fail_stop(
        &self,
        request: Request<FailStopRequest>,
    ) -> Result<Response<FailStopResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let mut faults = Faults::new();
        let report = report!(stop call.message, &ground.snapshot, faults);
        let reason = failure(call.message.reason, ROOT, &mut faults);
        let (report, reason) = faults.unless_any(report.zip(reason))?;
        let OfStop { id, manifest, stop, at } = report;
        let asked = Asked::FailStop { manifest, stop, at, reason };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(FailStopResponse { plan_revision }))
    }

    async fn acknowledge_revision(
        &self,
        request: Request<AcknowledgeRevisionRequest>,
    ) -> Result<Response<AcknowledgeRevisionResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let manifest = named(&message.manifest, ROOT.field("manifest"), &mut faults);
        let seen = revision(message.revision.as_ref(), ROOT.field("revision"), &mut faults);
        let ((id, manifest), (territory, revision)) =
            faults.unless_any(id.zip(manifest).zip(seen))?;
        let hosted = self.directory().named(call.caller.principal.tenant(), &territory)?;
        let asked = Asked::AcknowledgeRevision { manifest, revision };
        let plan_revision = self.done(&call, &Ground::new(hosted), id, asked).await?;
        Ok(Response::new(AcknowledgeRevisionResponse { plan_revision }))
    }

    async fn refuse_revision(
        &self,
        request: Request<RefuseRevisionRequest>,
    ) -> Result<Response<RefuseRevisionResponse>, Status> {
        let call = Call::open(request)?;
        let (id, territory, manifest, asked) = read_refusal(&call.message)?;
        let hosted = self.directory().named(call.caller.principal.tenant(), &territory)?;
        let ground = Ground::new(hosted);
        let outcome = self.submit(&call, hosted, id, false, asked).await?;
        let view = ground.view(&call.caller);
        Ok(Response::new(RefuseRevisionResponse {
            manifest: manifest_in(&outcome.snapshot, &manifest, &view),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }
}

impl Edge {
    /// Hands on a mutation whose only answer is the revision it led to.
    pub(super) async fn done<M: prost::Message>(
        &self,
        call: &Call<M>,
        ground: &Ground<'_>,
        id: RequestId,
        asked: Asked,
    ) -> Result<Option<PlanRevision>, EdgeError> {
        let outcome = self.submit(call, ground.hosted, id, false, asked).await?;
        Ok(Some(ground.view(&call.caller).revision(outcome.revision)))
    }
}

fn may_report(
    caller: &Caller,
    snapshot: &Snapshot,
    manifest: &ManifestId,
) -> Result<(), EdgeError> {
    let missing = || EdgeError::not_found("manifest", manifest);
    let found = snapshot.state.manifests.get(manifest).ok_or_else(missing)?;
    caller.may_see_manifest(found).map_err(|_| missing())
}

type ReadRefusal = (RequestId, swerve_model::TerritoryId, ManifestId, Asked);

fn read_refusal(message: &RefuseRevisionRequest) -> Result<ReadRefusal, EdgeError> {
    let mut faults = Faults::new();
    let id = request_id(&message.request_id, ROOT, &mut faults);
    let manifest: Option<ManifestId> =
        named(&message.manifest, ROOT.field("manifest"), &mut faults);
    let seen = revision(message.revision.as_ref(), ROOT.field("revision"), &mut faults);
    let reason = reason(&message.reason, &mut faults);
    let read = id.zip(manifest).zip(seen).zip(reason);
    let (((id, manifest), (territory, revision)), reason) = faults.unless_any(read)?;
    let revision: Revision = revision;
    let asked = Asked::RefuseRevision { manifest: manifest.clone(), revision, reason };
    Ok((id, territory, manifest, asked))
}

fn reason(text: &str, faults: &mut Faults) -> Option<String> {
    let at = ROOT.field("reason");
    let chars = text.chars().count();
    if text.trim().is_empty() || chars > REASON_CHARS_MAX {
        let rule = format!("has {chars} characters; 1 to {REASON_CHARS_MAX} are required");
        return faults.none(at, rule);
    }
    if text.chars().any(char::is_control) {
        return faults.none(at, format!("{} has a control character", shown(text)));
    }
    Some(text.to_owned())
}
