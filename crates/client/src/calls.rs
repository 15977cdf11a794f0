//! Every call of the API, by name.
//!
//! A mutation whose `request_id` is empty gets a fresh one; to repeat a mutation of an earlier run,
//! set it. Errors of every method: whatever the server rejects, after the retries of the options.

use swerve_proto::v1;
use swerve_proto::v1::change_service_client::ChangeServiceClient;
use swerve_proto::v1::execution_service_client::ExecutionServiceClient;
use swerve_proto::v1::fleet_service_client::FleetServiceClient;
use swerve_proto::v1::manifest_service_client::ManifestServiceClient;
use swerve_proto::v1::operator_service_client::OperatorServiceClient;
use swerve_proto::v1::plan_service_client::PlanServiceClient;
use swerve_proto::v1::shipment_service_client::ShipmentServiceClient;
use uuid::Uuid;

use crate::client::Client;
use crate::error::ClientError;
use crate::watch::{Watch, WatchMessage};

/// Writes one method for each call.
macro_rules! calls {
    ($($service:ident {
        $(read $read:ident($read_request:ident) -> $read_response:ident;)*
        $(mutation $mutation:ident($request:ident) -> $response:ident;)*
    })*) => {
        impl Client {$(
            $(
                pub async fn $read(
                    &self,
                    message: v1::$read_request,
                ) -> Result<v1::$read_response, ClientError> {
                    self.call(message, |channel, request| async move {
                        $service::new(channel).$read(request).await
                    })
                    .await
                }
            )*
            $(
                pub async fn $mutation(
                    &self,
                    mut message: v1::$request,
                ) -> Result<v1::$response, ClientError> {
                    if message.request_id.is_empty() {
                        message.request_id = fresh_request_id();
                    }
                    self.call(message, |channel, request| async move {
                        $service::new(channel).$mutation(request).await
                    })
                    .await
                }
            )*
        )*}
    };
}

/// A request id that nobody has used.
pub(crate) fn fresh_request_id() -> String {
    Uuid::new_v4().hyphenated().to_string()
}

calls! {
    FleetServiceClient {
        read get_vehicle(GetVehicleRequest) -> GetVehicleResponse;
        read list_vehicles(ListVehiclesRequest) -> ListVehiclesResponse;
        read get_delivery_point(GetDeliveryPointRequest) -> GetDeliveryPointResponse;
        read list_delivery_points(ListDeliveryPointsRequest) -> ListDeliveryPointsResponse;
        mutation create_vehicle(CreateVehicleRequest) -> CreateVehicleResponse;
        mutation create_delivery_point(CreateDeliveryPointRequest) -> CreateDeliveryPointResponse;
    }
    ShipmentServiceClient {
        read get_shipment(GetShipmentRequest) -> GetShipmentResponse;
        read list_shipments(ListShipmentsRequest) -> ListShipmentsResponse;
        mutation create_shipment(CreateShipmentRequest) -> CreateShipmentResponse;
        mutation batch_create_shipments(BatchCreateShipmentsRequest) -> BatchCreateShipmentsResponse;
        mutation cancel_shipment(CancelShipmentRequest) -> CancelShipmentResponse;
        mutation record_scans(RecordScansRequest) -> RecordScansResponse;
    }
    ManifestServiceClient {
        read get_manifest(GetManifestRequest) -> GetManifestResponse;
        read list_manifests(ListManifestsRequest) -> ListManifestsResponse;
        mutation create_manifest(CreateManifestRequest) -> CreateManifestResponse;
        mutation import_plan(ImportPlanRequest) -> ImportPlanResponse;
    }
    ChangeServiceClient {
        read get_change_options(GetChangeOptionsRequest) -> GetChangeOptionsResponse;
        read get_change(GetChangeRequest) -> GetChangeResponse;
        read list_changes(ListChangesRequest) -> ListChangesResponse;
        mutation quote_change(QuoteChangeRequest) -> QuoteChangeResponse;
        mutation hold_offer(HoldOfferRequest) -> HoldOfferResponse;
        mutation release_offer(ReleaseOfferRequest) -> ReleaseOfferResponse;
        mutation commit_change(CommitChangeRequest) -> CommitChangeResponse;
        mutation cancel_change(CancelChangeRequest) -> CancelChangeResponse;
    }
    ExecutionServiceClient {
        read report_positions(ReportPositionsRequest) -> ReportPositionsResponse;
        mutation depart_manifest(DepartManifestRequest) -> DepartManifestResponse;
        mutation close_manifest(CloseManifestRequest) -> CloseManifestResponse;
        mutation arrive_stop(ArriveStopRequest) -> ArriveStopResponse;
        mutation complete_stop(CompleteStopRequest) -> CompleteStopResponse;
        mutation fail_stop(FailStopRequest) -> FailStopResponse;
        mutation acknowledge_revision(AcknowledgeRevisionRequest) -> AcknowledgeRevisionResponse;
        mutation refuse_revision(RefuseRevisionRequest) -> RefuseRevisionResponse;
    }
    PlanServiceClient {
        read get_plan(GetPlanRequest) -> GetPlanResponse;
        read explain_unassigned(ExplainUnassignedRequest) -> ExplainUnassignedResponse;
        mutation plan_day(PlanDayRequest) -> PlanDayResponse;
        mutation propose_replan(ProposeReplanRequest) -> ProposeReplanResponse;
        mutation apply_replan(ApplyReplanRequest) -> ApplyReplanResponse;
        mutation discard_replan(DiscardReplanRequest) -> DiscardReplanResponse;
        mutation pin_stop(PinStopRequest) -> PinStopResponse;
        mutation move_stop(MoveStopRequest) -> MoveStopResponse;
    }
    OperatorServiceClient {
        read list_territories(ListTerritoriesRequest) -> ListTerritoriesResponse;
        read get_territory(GetTerritoryRequest) -> GetTerritoryResponse;
        read advance_clock(AdvanceClockRequest) -> AdvanceClockResponse;
    }
}

/// Writes how each watch is opened, and what its messages are made of.
macro_rules! watches {
    ($($service:ident $method:ident($request:ident) -> $response:ident of $resource:ident
        in $module:ident :: $variant:ident;)*) => {
        impl Client {$(
            /// Connects with the first event asked for, and again whenever the stream breaks.
            pub fn $method(&self, request: v1::$request) -> Watch<v1::$response> {
                Watch::new(self.clone(), request)
            }
        )*}
        $(
            impl WatchMessage for v1::$response {
                type Request = v1::$request;
                type Resource = v1::$resource;

                async fn open(
                    client: &Client,
                    request: Self::Request,
                ) -> Result<tonic::Streaming<Self>, tonic::Status> {
                    let mut service = $service::new(client.channel());
                    service.$method(client.request(request)).await.map(tonic::Response::into_inner)
                }

                fn token_mut(request: &mut Self::Request) -> &mut String {
                    &mut request.resume_token
                }

                fn split(self) -> crate::watch::Parts<Self::Resource> {
                    use crate::watch::{Parts, Said};
                    let said = match self.event {
                        Some(v1::$module::Event::$variant(is)) => Some(Said::Is(Box::new(is))),
                        Some(v1::$module::Event::Bookmark(mark)) => Some(Said::Bookmark(mark)),
                        // From a newer server: its token still counts.
                        None => None,
                    };
                    Parts { token: self.resume_token, revision: self.plan_revision, said }
                }
            }
        )*
    };
}

watches! {
    ShipmentServiceClient watch_shipments(WatchShipmentsRequest) -> WatchShipmentsResponse
        of Shipment in watch_shipments_response::Shipment;
    ManifestServiceClient watch_manifests(WatchManifestsRequest) -> WatchManifestsResponse
        of Manifest in watch_manifests_response::Manifest;
    ChangeServiceClient watch_changes(WatchChangesRequest) -> WatchChangesResponse
        of Change in watch_changes_response::Change;
}
