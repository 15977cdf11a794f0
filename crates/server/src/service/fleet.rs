//! `FleetService`: vehicles and delivery points.

use swerve_engine::{EngineError, Request as Asked};
use swerve_model::{PointId, VehicleId};
use swerve_proto::v1::fleet_service_server::FleetService;
use swerve_proto::v1::{
    CreateDeliveryPointRequest, CreateDeliveryPointResponse, CreateVehicleRequest,
    CreateVehicleResponse, GetDeliveryPointRequest, GetDeliveryPointResponse, GetVehicleRequest,
    GetVehicleResponse, ListDeliveryPointsRequest, ListDeliveryPointsResponse, ListVehiclesRequest,
    ListVehiclesResponse,
};
use tonic::{Request, Response, Status};

use crate::convert::fleet::{point, point_message, vehicle, vehicle_message};
use crate::convert::name::{named, request_id};
use crate::edge::{Call, Edge};
use crate::error::EdgeError;
use crate::fault::{Faults, Path};
use crate::page::{fill, paging};
use crate::service::ground;

const ROOT: Path<'static> = Path::Root;

#[tonic::async_trait]
impl FleetService for Edge {
    async fn create_vehicle(
        &self,
        request: Request<CreateVehicleRequest>,
    ) -> Result<Response<CreateVehicleResponse>, Status> {
        let call = Call::open(request)?;
        let (caller, message) = (&call.caller, &call.message);
        let ground = ground(self, caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let asked = message.vehicle.as_ref();
        let vehicle = ground
            .read(id.as_ref(), |terms| vehicle(asked, terms, ROOT.field("vehicle"), &mut faults));
        let (id, vehicle) = faults.unless_any(id.zip(vehicle))?;
        let present = ground.snapshot.state.vehicles.get(&vehicle.id);
        if present.is_some_and(|present| **present != vehicle) && !ground.answered(&id) {
            let (kind, name) = ("vehicle", vehicle.id.to_string());
            return Err(EdgeError::from(EngineError::AlreadyExists { kind, name }).into());
        }
        let sent = vehicle_message(&vehicle, &ground.view(caller));
        let outcome =
            self.submit(&call, ground.hosted, id, false, Asked::SetVehicle(vehicle)).await?;
        Ok(Response::new(CreateVehicleResponse {
            vehicle: Some(sent),
            plan_revision: Some(ground.view(caller).revision(outcome.revision)),
        }))
    }

    async fn get_vehicle(
        &self,
        request: Request<GetVehicleRequest>,
    ) -> Result<Response<GetVehicleResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let mut faults = Faults::new();
        let id: Option<VehicleId> = named(&message.name, ROOT.field("name"), &mut faults);
        let id = faults.unless_any(id)?;
        let found = ground.snapshot.state.vehicles.get(&id);
        let found = found.ok_or_else(|| EdgeError::not_found("vehicle", &id))?;
        let vehicle = Some(vehicle_message(found, &ground.view(&caller)));
        Ok(Response::new(GetVehicleResponse { vehicle }))
    }

    async fn list_vehicles(
        &self,
        request: Request<ListVehiclesRequest>,
    ) -> Result<Response<ListVehiclesResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let mut faults = Faults::new();
        let paging = paging::<VehicleId>(message.page_size, &message.page_token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let view = ground.view(&caller);
        let rest = ground.snapshot.state.vehicles.range(paging.range());
        let page = fill(&paging, rest, |_, vehicle| Some(vehicle_message(vehicle, &view)));
        let (vehicles, next_page_token) = (page.items, page.next);
        Ok(Response::new(ListVehiclesResponse { vehicles, next_page_token }))
    }

    async fn create_delivery_point(
        &self,
        request: Request<CreateDeliveryPointRequest>,
    ) -> Result<Response<CreateDeliveryPointResponse>, Status> {
        let call = Call::open(request)?;
        let (caller, message) = (&call.caller, &call.message);
        let ground = ground(self, caller, &message.territory)?;
        let mut faults = Faults::new();
        let id = request_id(&message.request_id, ROOT, &mut faults);
        let (asked, at) = (message.delivery_point.as_ref(), ROOT.field("delivery_point"));
        let point = ground.read(id.as_ref(), |terms| point(asked, terms, at, &mut faults));
        let (id, point) = faults.unless_any(id.zip(point))?;
        let sent = point_message(&point);
        let outcome = self.submit(&call, ground.hosted, id, false, Asked::SetPoint(point)).await?;
        Ok(Response::new(CreateDeliveryPointResponse {
            delivery_point: Some(sent),
            plan_revision: Some(ground.view(caller).revision(outcome.revision)),
        }))
    }

    async fn get_delivery_point(
        &self,
        request: Request<GetDeliveryPointRequest>,
    ) -> Result<Response<GetDeliveryPointResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let mut faults = Faults::new();
        let id: Option<PointId> = named(&message.name, ROOT.field("name"), &mut faults);
        let id = faults.unless_any(id)?;
        let found = ground.snapshot.state.points.get(&id);
        let found = found.ok_or_else(|| EdgeError::not_found("delivery point", &id))?;
        let delivery_point = Some(point_message(found));
        Ok(Response::new(GetDeliveryPointResponse { delivery_point }))
    }

    async fn list_delivery_points(
        &self,
        request: Request<ListDeliveryPointsRequest>,
    ) -> Result<Response<ListDeliveryPointsResponse>, Status> {
        let Call { caller, message } = Call::open(request)?;
        let ground = ground(self, &caller, &message.territory)?;
        let mut faults = Faults::new();
        let paging = paging::<PointId>(message.page_size, &message.page_token, ROOT, &mut faults);
        let paging = faults.unless_any(paging)?;
        let rest = ground.snapshot.state.points.range(paging.range());
        let page = fill(&paging, rest, |_, point| Some(point_message(point)));
        let (delivery_points, next_page_token) = (page.items, page.next);
        Ok(Response::new(ListDeliveryPointsResponse { delivery_points, next_page_token }))
    }
}
