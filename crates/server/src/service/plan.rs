//! `PlanService`: the dispatcher's view of the plan, and hand on it.

use std::sync::Arc;

use swerve_engine::{Request as Asked, Snapshot};
use swerve_model::{Answer, ManifestId, ParcelId, ProposalId, ShipmentId, StopId, TerritoryId};
use swerve_proto::v1;
use swerve_proto::v1::plan_service_server::PlanService;
use swerve_proto::v1::{
    ApplyReplanRequest, ApplyReplanResponse, DiscardReplanRequest, DiscardReplanResponse,
    ExplainUnassignedRequest, ExplainUnassignedResponse, GetPlanRequest, GetPlanResponse,
    MoveStopRequest, MoveStopResponse, PinStopRequest, PinStopResponse, PlanDayRequest,
    PlanDayResponse, ProposeReplanRequest, ProposeReplanResponse,
};
use tonic::{Request, Response, Status};

use crate::convert::live;
use crate::convert::name::{
    distinct_names, issued, name_of, named, named_if_set, named_under, request_id,
};
use crate::convert::plan::{
    iterations, position, proposal_message, unassigned_message, unplaced_message,
};
use crate::convert::quantity::revision;
use crate::convert::time::timestamp;
use crate::convert::view::View;
use crate::edge::{Call, Edge, Ground, beside};
use crate::error::EdgeError;
use crate::fault::{Faults, Path, shown};
use crate::page::{Paging, fill, paging};
use crate::service::ground;

const ROOT: Path<'static> = Path::Root;
/// Manifests a re-plan can be narrowed to.
const SCOPE_MAX: usize = 1_000;
/// Flags listed at once; all are counted.
const FLAGS_MAX: usize = 1_000;

#[tonic::async_trait]
impl PlanService for Edge {
    async fn get_plan(
        &self,
        request: Request<GetPlanRequest>,
    ) -> Result<Response<GetPlanResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let paging = paging(message.page_size, &message.page_token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let read = move || {
            let ground = Ground::new(&hosted);
            Ok(plan_in(&ground.snapshot, &paging, &ground.view(&caller)))
        };
        Ok(Response::new(beside(read).await?))
    }

    async fn explain_unassigned(
        &self,
        request: Request<ExplainUnassignedRequest>,
    ) -> Result<Response<ExplainUnassignedResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let id: Option<ShipmentId> = named(&message.shipment, ROOT.field("shipment"), &mut faults);
        let id = faults.unless_any(id)?;
        let ground = self.ground_of(&caller, &id)?;
        let snapshot = Arc::clone(&ground.snapshot);
        let explain = move || {
            let unplaced = snapshot.explain_unassigned(&id);
            let unplaced = unplaced.ok_or_else(|| EdgeError::not_found("shipment", &id))?;
            Ok(unplaced.iter().map(|one| unplaced_message(&id, one)).collect())
        };
        Ok(Response::new(ExplainUnassignedResponse {
            parcels: beside(explain).await?,
            plan_revision: Some(ground.view(&caller).revision(ground.snapshot.state.revision)),
        }))
    }

    async fn plan_day(
        &self,
        request: Request<PlanDayRequest>,
    ) -> Result<Response<PlanDayResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let budget = iterations(message.iterations, ROOT, &mut faults);
        let (id, iterations) = faults.unless_any(id.zip(budget))?;
        let asked = Asked::PlanDay { iterations };
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let snapshot = outcome.snapshot;
        let count = move || Ok(live::counts(&snapshot, swerve_engine::flags(&snapshot).len()));
        Ok(Response::new(PlanDayResponse {
            counts: Some(beside(count).await?),
            plan_revision: Some(ground.view(&call.caller).revision(outcome.revision)),
        }))
    }

    async fn propose_replan(
        &self,
        request: Request<ProposeReplanRequest>,
    ) -> Result<Response<ProposeReplanResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let names = &message.manifests;
        let scope = distinct_names(names, SCOPE_MAX, ROOT, "manifests", &mut faults);
        let budget = iterations(message.iterations, ROOT, &mut faults);
        let ((id, scope), iterations) = faults.unless_any(id.zip(scope).zip(budget))?;
        let asked = Asked::ProposeReplan { scope, iterations };
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let Answer::Proposed(proposal) = &outcome.answer else {
            return Err(EdgeError::Bug("the answer is not to this kind of request").into());
        };
        let view = ground.view(&call.caller);
        Ok(Response::new(ProposeReplanResponse {
            proposal: Some(proposal_in(&outcome.snapshot, proposal, &view)?),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn apply_replan(
        &self,
        request: Request<ApplyReplanRequest>,
    ) -> Result<Response<ApplyReplanResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let name = issued::<ProposalId>(&message.proposal, ROOT.field("proposal"), &mut faults);
        let (seen, at) = (message.expected_revision.as_ref(), ROOT.field("expected_revision"));
        let expected = revision(seen, at, &mut faults);
        let ((id, name), (of, expected)) = faults.unless_any(id.zip(name).zip(expected))?;
        let (ground, proposal) = self.issued_by(&call.caller, name)?;
        same_territory(&ground, &of, at)?;
        let asked = Asked::ApplyReplan { proposal, expected };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(ApplyReplanResponse { plan_revision }))
    }

    async fn discard_replan(
        &self,
        request: Request<DiscardReplanRequest>,
    ) -> Result<Response<DiscardReplanResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let name = issued::<ProposalId>(&message.proposal, ROOT.field("proposal"), &mut faults);
        let (id, name) = faults.unless_any(id.zip(name))?;
        let (ground, proposal) = self.issued_by(&call.caller, name)?;
        let asked = Asked::DiscardReplan { proposal };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(DiscardReplanResponse { plan_revision }))
    }

    async fn pin_stop(
        &self,
        request: Request<PinStopRequest>,
    ) -> Result<Response<PinStopResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let stop =
            named_under::<ManifestId, StopId>(&message.stop, ROOT.field("stop"), &mut faults);
        let (id, (manifest, stop)) = faults.unless_any(id.zip(stop))?;
        let asked = Asked::PinStop { manifest, stop, pinned: message.pinned };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(PinStopResponse { plan_revision }))
    }

    async fn move_stop(
        &self,
        request: Request<MoveStopRequest>,
    ) -> Result<Response<MoveStopResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let (seen, at) = (message.seen_revision.as_ref(), ROOT.field("seen_revision"));
        let seen = revision(seen, at, &mut faults);
        let stop =
            named_under::<ManifestId, StopId>(&message.stop, ROOT.field("stop"), &mut faults);
        let to: Option<Option<ManifestId>> =
            named_if_set(&message.to_manifest, ROOT.field("to_manifest"), &mut faults);
        let position = position(message.position, ROOT, &mut faults);
        let read = id.zip(seen).zip(stop).zip(to).zip(position);
        let ((((id, (territory, seen)), (from, stop)), to), position) = faults.unless_any(read)?;
        let tenant = call.caller.principal.tenant();
        let ground = Ground::new(self.directory().named(tenant, &territory)?);
        let to = to.unwrap_or_else(|| from.clone());
        let asked = Asked::MoveStop { stop, from, to, position, seen };
        let plan_revision = self.done(&call, &ground, id, asked).await?;
        Ok(Response::new(MoveStopResponse { plan_revision }))
    }
}

/// Revisions count within a territory: one of another says nothing of this one's plan.
fn same_territory(ground: &Ground<'_>, of: &TerritoryId, at: Path<'_>) -> Result<(), EdgeError> {
    let issuer = ground.hosted.territory.id();
    let mut faults = Faults::new();
    let same = if of == issuer {
        Some(())
    } else {
        let rule = format!("{} is not {issuer}, which made the proposal", shown(of.as_str()));
        faults.none(at.field("territory"), rule)
    };
    faults.unless_any(same)
}

fn plan_in(
    snapshot: &Snapshot,
    paging: &Paging<(ShipmentId, ParcelId)>,
    view: &View<'_>,
) -> GetPlanResponse {
    let state = &snapshot.state;
    let flags = swerve_engine::flags(snapshot);
    let page =
        fill(paging, state.unassigned.range(paging.range()), |(shipment, parcel), reason| {
            Some(unassigned_message(shipment, parcel, *reason))
        });
    GetPlanResponse {
        plan_revision: Some(view.revision(state.revision)),
        plan_hash: snapshot.plan_hash().to_vec(),
        engine_time: Some(timestamp(state.now)),
        counts: Some(live::counts(snapshot, flags.len())),
        flags: (flags.iter().take(FLAGS_MAX))
            .map(|flag| v1::PlanFlag {
                rule: flag.name().to_owned(),
                manifest: flag.manifest().map(name_of).unwrap_or_default(),
                description: flag.to_string(),
            })
            .collect(),
        unassigned: page.items,
        next_page_token: page.next,
    }
}

fn proposal_in(
    snapshot: &Snapshot,
    id: &ProposalId,
    view: &View<'_>,
) -> Result<v1::ReplanProposal, EdgeError> {
    let found = snapshot.state.proposals.get(id);
    let proposal = found.ok_or_else(|| EdgeError::not_found("replan proposal", id))?;
    let manifest = |id: &ManifestId| snapshot.state.manifests.get(id).map(AsRef::as_ref);
    Ok(proposal_message(proposal, manifest, view))
}
