//! `ShipmentService`: announced, read, cancelled, scanned, watched.

use std::sync::Arc;

use swerve_engine::{EngineError, Outcome, Request as Asked, Resource, Snapshot};
use swerve_model::{RequestId, Shipment, ShipmentId};
use swerve_proto::v1;
use swerve_proto::v1::shipment_service_server::ShipmentService;
use swerve_proto::v1::{
    BatchCreateShipmentsRequest, BatchCreateShipmentsResponse, CancelShipmentRequest,
    CancelShipmentResponse, CreateShipmentRequest, CreateShipmentResponse, GetShipmentRequest,
    GetShipmentResponse, ListShipmentsRequest, ListShipmentsResponse, RecordScansRequest,
    RecordScansResponse, WatchShipmentsRequest, WatchShipmentsResponse, watch_shipments_response,
};
use tonic::{Request, Response, Status};

use crate::convert::name::{distinct_names, named, request_id};
use crate::convert::scan::scans;
use crate::convert::shipment::{etag_if_set, shipment};
use crate::convert::{live, view::View};
use crate::edge::{Call, Edge, Ground, beside};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::gate::Caller;
use crate::page::{fill, paging};
use crate::service::{Event, Frame, Stream, ground, watch};
use crate::watch::{Kind, Selection};

const ROOT: Path<'static> = Path::Root;
/// Shipments of one batch: a large territory's day, in one message of at most 16 MiB.
const BATCH_MAX: usize = 5_000;
/// Names one watch may be narrowed to.
pub(super) const WATCHED_MAX: usize = 1_000;

#[tonic::async_trait]
impl ShipmentService for Edge {
    async fn create_shipment(
        &self,
        request: Request<CreateShipmentRequest>,
    ) -> Result<Response<CreateShipmentResponse>, Status> {
        let call = Call::open(request)?;
        let (caller, message) = (&call.caller, &call.message);
        let ground = ground(self, caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let (asked, at) = (message.shipment.as_ref(), ROOT.field("shipment"));
        let shipment = ground.read(id.as_ref(), |terms| shipment(asked, terms, at, &mut faults));
        let (id, shipment) = faults.unless_any(id.zip(shipment))?;
        let name = shipment.id.clone();
        if self.is_taken(caller, &name) && !ground.answered(&id) {
            let (kind, name) = ("shipment", name.to_string());
            return Err(EdgeError::from(EngineError::AlreadyExists { kind, name }).into());
        }
        let asked = Asked::CreateShipments(vec![shipment]);
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await;
        let outcome = outcome.map_err(|error| respelled(error, "shipments[0]", "shipment"))?;
        let view = ground.view(caller);
        Ok(Response::new(CreateShipmentResponse {
            shipment: shipment_in(&outcome.snapshot, &name, &view),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn batch_create_shipments(
        &self,
        request: Request<BatchCreateShipmentsRequest>,
    ) -> Result<Response<BatchCreateShipmentsResponse>, Status> {
        let call = Call::open(request)?;
        let ground = ground(self, &call.caller, &call.message.territory)?;
        let (id, shipments) = self.read_batch(&call, &ground)?;
        let names: Vec<ShipmentId> = shipments.iter().map(|shipment| shipment.id.clone()).collect();
        let asked = Asked::CreateShipments(shipments);
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let state = &outcome.snapshot.state;
        let is_planned = |name: &&ShipmentId| state.assignments_of(name).next().is_some();
        Ok(Response::new(BatchCreateShipmentsResponse {
            created_count: count(names.len()),
            planned_count: count(names.iter().filter(is_planned).count()),
            plan_revision: Some(ground.view(&call.caller).revision(outcome.revision)),
        }))
    }

    async fn get_shipment(
        &self,
        request: Request<GetShipmentRequest>,
    ) -> Result<Response<GetShipmentResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let mut faults = Faults::new();
        let id = named(&message.name, ROOT.field("name"), &mut faults);
        let id = faults.unless_any(id)?;
        let ground = self.ground_of(&caller, &id)?;
        let view = ground.view(&caller);
        Ok(Response::new(GetShipmentResponse {
            shipment: shipment_in(&ground.snapshot, &id, &view),
            plan_revision: Some(view.revision(ground.snapshot.state.revision)),
        }))
    }

    async fn list_shipments(
        &self,
        request: Request<ListShipmentsRequest>,
    ) -> Result<Response<ListShipmentsResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let (size, token) = (message.page_size, message.page_token);
        let paging = paging::<ShipmentId>(size, &token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let list = move || {
            let ground = Ground::new(&hosted);
            let view = ground.view(&caller);
            let rest = ground.snapshot.state.shipments.range(paging.range());
            let page = fill(&paging, rest, |_, shipment: &Arc<Shipment>| {
                Some(live::shipment(&ground.snapshot, shipment, &view))
            });
            Ok(ListShipmentsResponse {
                shipments: page.items,
                next_page_token: page.next,
                plan_revision: Some(view.revision(ground.snapshot.state.revision)),
            })
        };
        Ok(Response::new(beside(list).await?))
    }

    async fn cancel_shipment(
        &self,
        request: Request<CancelShipmentRequest>,
    ) -> Result<Response<CancelShipmentResponse>, Status> {
        let call = Call::open(request)?;
        let (caller, message) = (&call.caller, &call.message);
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let name: Option<ShipmentId> = named(&message.name, ROOT.field("name"), &mut faults);
        let etag = etag_if_set(&message.etag, ROOT, &mut faults);
        let ((id, name), etag) = faults.unless_any(id.zip(name).zip(etag))?;
        let ground = self.ground_of(caller, &name)?;
        let asked = Asked::CancelShipment { shipment: name.clone(), etag };
        let outcome = self.submit(&call, ground.hosted, id, false, asked).await?;
        let view = ground.view(caller);
        Ok(Response::new(CancelShipmentResponse {
            shipment: shipment_in(&outcome.snapshot, &name, &view),
            plan_revision: Some(view.revision(outcome.revision)),
        }))
    }

    async fn record_scans(
        &self,
        request: Request<RecordScansRequest>,
    ) -> Result<Response<RecordScansResponse>, Status> {
        let call = Call::open(request)?;
        let message = &call.message;
        let ground = ground(self, &call.caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let scans = scans(&message.scans, ground.snapshot.state.now, ROOT, &mut faults);
        let (id, scans) = faults.unless_any(id.zip(scans))?;
        let asked = Asked::RecordScans(scans);
        let Outcome { revision, .. } = self.submit(&call, ground.hosted, id, false, asked).await?;
        let plan_revision = Some(ground.view(&call.caller).revision(revision));
        Ok(Response::new(RecordScansResponse { plan_revision }))
    }

    type WatchShipmentsStream = Stream<WatchShipmentsResponse>;

    async fn watch_shipments(
        &self,
        request: Request<WatchShipmentsRequest>,
    ) -> Result<Response<Self::WatchShipmentsStream>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let hosted = Arc::clone(self.territory(&caller, &message.territory)?);
        let mut faults = Faults::new();
        let only = watched_shipments(&caller, &message.shipments, &mut faults);
        let only = faults.unless_any(only)?;
        let resources = |only: Vec<ShipmentId>| only.into_iter().map(Resource::Shipment).collect();
        let selection = Selection { kind: Kind::Shipment, only: only.map(resources) };
        let frame = |frame: Frame, event: Event<v1::Shipment>| WatchShipmentsResponse {
            resume_token: frame.resume_token,
            plan_revision: frame.plan_revision,
            event: Some(match event {
                Event::Is(shipment) => watch_shipments_response::Event::Shipment(*shipment),
                Event::Bookmark(mark) => watch_shipments_response::Event::Bookmark(mark),
            }),
        };
        let is = |snapshot: &Snapshot, resource: &Resource, view: &View<'_>| match resource {
            Resource::Shipment(id) => shipment_in(snapshot, id, view),
            Resource::Manifest(_) | Resource::Change(_) => None,
        };
        let stream = watch(self, &caller, &hosted, (selection, &message.resume_token), is, frame)?;
        Ok(Response::new(stream))
    }
}

impl Edge {
    /// The ground of a shipment that the caller may see.
    ///
    /// # Errors
    /// No territory of the tenant plans it, or it is not the caller's to see: the two look the same.
    pub(super) fn ground_of(
        &self,
        caller: &Caller,
        shipment: &ShipmentId,
    ) -> Result<Ground<'_>, EdgeError> {
        let missing = || EdgeError::not_found("shipment", shipment);
        caller.may_see_shipment(shipment).map_err(|_| missing())?;
        let planning = self.directory().planning(caller.principal.tenant(), shipment);
        Ok(Ground::new(planning.ok_or_else(missing)?))
    }

    /// Whether the tenant has a shipment of this name, in any territory.
    fn is_taken(&self, caller: &Caller, name: &ShipmentId) -> bool {
        self.directory().planning(caller.principal.tenant(), name).is_some()
    }

    fn read_batch(
        &self,
        call: &Call<BatchCreateShipmentsRequest>,
        ground: &Ground<'_>,
    ) -> Result<(RequestId, Vec<Shipment>), EdgeError> {
        let message = &call.message;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let again = id.as_ref().is_some_and(|id| ground.answered(id));
        let count = message.shipments.len();
        if count == 0 || count > BATCH_MAX {
            let rule = format!("has {count} shipments; 1 to {BATCH_MAX} are required");
            faults.add(ROOT.field("shipments"), rule);
            return faults.unless_any(None);
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut shipments = Vec::with_capacity(count);
        for (index, message) in message.shipments.iter().enumerate() {
            let at = ROOT.item("shipments", index);
            let read =
                ground.read(id.as_ref(), |terms| shipment(Some(message), terms, at, &mut faults));
            let Some(shipment) = read else { continue };
            if !seen.insert(shipment.id.clone()) {
                faults.add(at.field("name"), format!("{} is named twice", shipment.id));
            } else if !again && self.is_taken(&call.caller, &shipment.id) {
                faults.add(at.field("name"), format!("{} already exists", shipment.id));
            }
            shipments.push(shipment);
        }
        let complete = (shipments.len() == count).then_some(shipments);
        faults.unless_any(id.zip(complete))
    }
}

fn shipment_in(snapshot: &Snapshot, id: &ShipmentId, view: &View<'_>) -> Option<v1::Shipment> {
    Some(live::shipment(snapshot, snapshot.state.shipments.get(id)?, view))
}

/// The engine spells a single shipment as the first of a batch.
fn respelled(error: EdgeError, engine: &str, caller: &str) -> EdgeError {
    let EdgeError::Engine(EngineError::Invalid(mut faults)) = error else { return error };
    for fault in &mut faults {
        if let Some(rest) = fault.field.strip_prefix(engine) {
            fault.field = format!("{caller}{rest}");
        }
    }
    EdgeError::Engine(EngineError::Invalid(faults))
}

/// Which shipments a caller's watch is narrowed to: a link's own, whatever else it names; `None`
/// inside for all.
pub(super) fn watched_shipments(
    caller: &Caller,
    names: &[String],
    faults: &mut Faults,
) -> Option<Option<Vec<ShipmentId>>> {
    let named = distinct_names::<ShipmentId>(names, WATCHED_MAX, ROOT, "shipments", faults)?;
    let own = caller.principal.shipment();
    Some(match (own, named.is_empty()) {
        (Some(own), true) => Some(vec![own.clone()]),
        (Some(own), false) => Some(named.into_iter().filter(|name| name == own).collect()),
        (None, true) => None,
        (None, false) => Some(named),
    })
}
