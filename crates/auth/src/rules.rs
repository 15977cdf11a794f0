//! The table of rights: per method, which role may call it, and on what.
//!
//! Read it as the product's promise of who can do what; the snapshot beside it prints the same as a
//! matrix, so a review sees every right that moved. Adding a call: a variant of [`Action`], its row in
//! [`RULES`] at the same position, and a new snapshot. A method without a row is denied to everyone.

use swerve_model::Role;

/// What is asked for, named as the method that asks. The territory, which knows no methods, names
/// what it is about to do by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    CreateVehicle,
    GetVehicle,
    ListVehicles,
    CreateDeliveryPoint,
    GetDeliveryPoint,
    ListDeliveryPoints,

    CreateShipment,
    BatchCreateShipments,
    GetShipment,
    ListShipments,
    CancelShipment,
    RecordScans,
    WatchShipments,

    CreateManifest,
    ImportPlan,
    GetManifest,
    ListManifests,
    WatchManifests,

    GetChangeOptions,
    QuoteChange,
    HoldOffer,
    ReleaseOffer,
    CommitChange,
    CancelChange,
    GetChange,
    ListChanges,
    WatchChanges,

    DepartManifest,
    CloseManifest,
    ReportPositions,
    ArriveStop,
    CompleteStop,
    FailStop,
    AcknowledgeRevision,
    RefuseRevision,

    GetPlan,
    PlanDay,
    ProposeReplan,
    ApplyReplan,
    DiscardReplan,
    PinStop,
    MoveStop,
    ExplainUnassigned,

    GetTerritory,
    ListTerritories,
    AdvanceClock,
}

/// How the thing acted on must stand to the caller. Always within the caller's tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Anything of the tenant's.
    Tenant,
    /// A manifest the caller drives, and its stops.
    OwnManifest,
    /// The shipment the caller's link is for, its quotes and its changes.
    OwnShipment,
}

/// One role's right to a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allow {
    pub role: Role,
    pub relation: Relation,
}

/// One row: a method, what it asks for, and who may.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub action: Action,
    /// Full gRPC path.
    pub method: &'static str,
    pub allowed: &'static [Allow],
}

/// Methods that need no caller: whether we live, and the published schema.
pub const PUBLIC: &[&str] = &[
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

const fn all(role: Role) -> Allow {
    Allow { role, relation: Relation::Tenant }
}

const TMS: Allow = all(Role::Tms);
const DISPATCHER: Allow = all(Role::Dispatcher);
const OPERATOR: Allow = all(Role::Operator);
const OWN_DRIVER: Allow = Allow { role: Role::Driver, relation: Relation::OwnManifest };
const OWN_RECIPIENT: Allow = Allow { role: Role::Recipient, relation: Relation::OwnShipment };

const fn rule(action: Action, method: &'static str, allowed: &'static [Allow]) -> Rule {
    Rule { action, method, allowed }
}

/// In the order of [`Action`], one row each.
#[rustfmt::skip] // A row a line, so that the table reads as one.
pub const RULES: &[Rule] = &[
    rule(Action::CreateVehicle, "/swerve.v1.FleetService/CreateVehicle", &[TMS]),
    rule(Action::GetVehicle, "/swerve.v1.FleetService/GetVehicle", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::ListVehicles, "/swerve.v1.FleetService/ListVehicles", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::CreateDeliveryPoint, "/swerve.v1.FleetService/CreateDeliveryPoint", &[TMS]),
    rule(Action::GetDeliveryPoint, "/swerve.v1.FleetService/GetDeliveryPoint", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::ListDeliveryPoints, "/swerve.v1.FleetService/ListDeliveryPoints", &[TMS, DISPATCHER, OPERATOR]),

    rule(Action::CreateShipment, "/swerve.v1.ShipmentService/CreateShipment", &[TMS]),
    rule(Action::BatchCreateShipments, "/swerve.v1.ShipmentService/BatchCreateShipments", &[TMS]),
    rule(Action::GetShipment, "/swerve.v1.ShipmentService/GetShipment", &[TMS, DISPATCHER, OPERATOR, OWN_RECIPIENT]),
    rule(Action::ListShipments, "/swerve.v1.ShipmentService/ListShipments", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::CancelShipment, "/swerve.v1.ShipmentService/CancelShipment", &[TMS]),
    rule(Action::RecordScans, "/swerve.v1.ShipmentService/RecordScans", &[TMS, DISPATCHER]),
    rule(Action::WatchShipments, "/swerve.v1.ShipmentService/WatchShipments", &[TMS, DISPATCHER, OPERATOR, OWN_RECIPIENT]),

    rule(Action::CreateManifest, "/swerve.v1.ManifestService/CreateManifest", &[TMS, DISPATCHER]),
    rule(Action::ImportPlan, "/swerve.v1.ManifestService/ImportPlan", &[TMS, DISPATCHER]),
    rule(Action::GetManifest, "/swerve.v1.ManifestService/GetManifest", &[TMS, DISPATCHER, OPERATOR, OWN_DRIVER]),
    rule(Action::ListManifests, "/swerve.v1.ManifestService/ListManifests", &[TMS, DISPATCHER, OPERATOR, OWN_DRIVER]),
    rule(Action::WatchManifests, "/swerve.v1.ManifestService/WatchManifests", &[TMS, DISPATCHER, OPERATOR, OWN_DRIVER]),

    rule(Action::GetChangeOptions, "/swerve.v1.ChangeService/GetChangeOptions", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::QuoteChange, "/swerve.v1.ChangeService/QuoteChange", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::HoldOffer, "/swerve.v1.ChangeService/HoldOffer", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::ReleaseOffer, "/swerve.v1.ChangeService/ReleaseOffer", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::CommitChange, "/swerve.v1.ChangeService/CommitChange", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::CancelChange, "/swerve.v1.ChangeService/CancelChange", &[TMS, DISPATCHER, OWN_RECIPIENT]),
    rule(Action::GetChange, "/swerve.v1.ChangeService/GetChange", &[TMS, DISPATCHER, OPERATOR, OWN_RECIPIENT]),
    rule(Action::ListChanges, "/swerve.v1.ChangeService/ListChanges", &[TMS, DISPATCHER, OPERATOR, OWN_RECIPIENT]),
    rule(Action::WatchChanges, "/swerve.v1.ChangeService/WatchChanges", &[TMS, DISPATCHER, OPERATOR, OWN_RECIPIENT]),

    rule(Action::DepartManifest, "/swerve.v1.ExecutionService/DepartManifest", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::CloseManifest, "/swerve.v1.ExecutionService/CloseManifest", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::ReportPositions, "/swerve.v1.ExecutionService/ReportPositions", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::ArriveStop, "/swerve.v1.ExecutionService/ArriveStop", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::CompleteStop, "/swerve.v1.ExecutionService/CompleteStop", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::FailStop, "/swerve.v1.ExecutionService/FailStop", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::AcknowledgeRevision, "/swerve.v1.ExecutionService/AcknowledgeRevision", &[DISPATCHER, OWN_DRIVER]),
    rule(Action::RefuseRevision, "/swerve.v1.ExecutionService/RefuseRevision", &[DISPATCHER, OWN_DRIVER]),

    rule(Action::GetPlan, "/swerve.v1.PlanService/GetPlan", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::PlanDay, "/swerve.v1.PlanService/PlanDay", &[DISPATCHER]),
    rule(Action::ProposeReplan, "/swerve.v1.PlanService/ProposeReplan", &[DISPATCHER]),
    rule(Action::ApplyReplan, "/swerve.v1.PlanService/ApplyReplan", &[DISPATCHER]),
    rule(Action::DiscardReplan, "/swerve.v1.PlanService/DiscardReplan", &[DISPATCHER]),
    rule(Action::PinStop, "/swerve.v1.PlanService/PinStop", &[DISPATCHER]),
    rule(Action::MoveStop, "/swerve.v1.PlanService/MoveStop", &[DISPATCHER]),
    rule(Action::ExplainUnassigned, "/swerve.v1.PlanService/ExplainUnassigned", &[TMS, DISPATCHER, OPERATOR]),

    rule(Action::GetTerritory, "/swerve.v1.OperatorService/GetTerritory", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::ListTerritories, "/swerve.v1.OperatorService/ListTerritories", &[TMS, DISPATCHER, OPERATOR]),
    rule(Action::AdvanceClock, "/swerve.v1.OperatorService/AdvanceClock", &[OPERATOR]),
];
