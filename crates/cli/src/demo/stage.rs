//! The evening before: a TMS tells the server of the day's fleet, places and parcels, and the day is
//! planned, or taken as another planner made it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use swerve_client::{Client, convert, names, v1};
use swerve_scenario::day::{
    Consents, Goods, Manifest, Parcel, Point, PointKind, Shipment, Vehicle,
};
use tokio::task::JoinSet;

use super::scene::Scene;
use super::wire;
use super::world::{Callers, TERRITORY};

/// Places under way at once: they share the log's syncs, and none depends on another.
const AT_ONCE: usize = 32;
/// Shipments in one message; the API takes five thousand.
const SHIPMENTS_AT_ONCE: usize = 2_000;
/// A metropolitan day is planned within this, on two cores.
const PLANNING_MAX: Duration = Duration::from_mins(15);
/// Manifests of a hundred stops in one page, well below the largest message.
const PAGE: i32 = 25;

/// Who plans the day.
pub(super) enum Planner<'a> {
    /// The engine.
    Engine,
    /// Somebody else did.
    Import(&'a [v1::ImportedManifest]),
}

pub(super) fn territory() -> String {
    names::territory(TERRITORY)
}

/// Tells the server everything of the day but the wishes.
///
/// # Errors
/// Whatever the server refuses.
pub(super) async fn set(scene: &Scene, callers: &Callers) -> anyhow::Result<()> {
    let start = Some(convert::timestamp(scene.start));
    let clock = v1::AdvanceClockRequest { name: territory(), time: start };
    callers.operator.advance_clock(clock).await.context("setting the clock")?;
    for vehicle in &scene.day.vehicles {
        let request = v1::CreateVehicleRequest {
            territory: territory(),
            vehicle: Some(vehicle_message(vehicle, &scene.day.currency)),
            ..Default::default()
        };
        callers.tms.create_vehicle(request).await.with_context(|| vehicle.id.clone())?;
    }
    create_points(scene, &callers.tms).await?;
    for manifest in &scene.day.manifests {
        let request = v1::CreateManifestRequest {
            territory: territory(),
            manifest: Some(manifest_message(manifest, scene)),
            ..Default::default()
        };
        callers.tms.create_manifest(request).await.with_context(|| manifest.id.clone())?;
    }
    let consents = scene.day.recipients.iter().map(|one| (one.id.as_str(), one.consents)).collect();
    for shipments in scene.day.shipments.chunks(SHIPMENTS_AT_ONCE) {
        let message = |shipment| shipment_message(shipment, scene, &consents);
        let shipments = shipments.iter().map(message);
        let request = v1::BatchCreateShipmentsRequest {
            territory: territory(),
            shipments: shipments.collect::<anyhow::Result<_>>()?,
            ..Default::default()
        };
        callers.tms.batch_create_shipments(request).await.context("announcing shipments")?;
    }
    Ok(())
}

/// # Errors
/// Whatever the server refuses.
pub(super) async fn plan(callers: &Callers, planner: &Planner<'_>) -> anyhow::Result<()> {
    let dispatcher = callers.dispatcher.with_deadline(PLANNING_MAX);
    match planner {
        Planner::Engine => {
            let request = v1::PlanDayRequest { territory: territory(), ..Default::default() };
            dispatcher.plan_day(request).await.context("planning the day")?;
        }
        Planner::Import(manifests) => {
            let manifests = manifests.to_vec();
            let request =
                v1::ImportPlanRequest { territory: territory(), manifests, ..Default::default() };
            dispatcher.import_plan(request).await.context("importing the plan")?;
        }
    }
    Ok(())
}

/// All manifests as they are planned now.
pub(super) async fn all_manifests(dispatcher: &Client) -> anyhow::Result<Vec<v1::Manifest>> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            v1::ListManifestsRequest { territory: territory(), page_size: PAGE, page_token };
        let page = dispatcher.list_manifests(request).await.context("reading the plan")?;
        all.extend(page.manifests);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// A plan as another server takes it.
pub(super) fn as_import(manifests: &[v1::Manifest]) -> Vec<v1::ImportedManifest> {
    let import = |manifest: &v1::Manifest| v1::ImportedManifest {
        manifest: manifest.name.clone(),
        stops: (manifest.stops.iter())
            .map(|stop| v1::ImportedStop { tasks: stop.tasks.clone() })
            .collect(),
    };
    manifests.iter().map(import).collect()
}

/// Many at once. They share nothing, so the order in which they arrive cannot matter.
async fn create_points(scene: &Scene, tms: &Client) -> anyhow::Result<()> {
    for points in scene.day.points.chunks(AT_ONCE) {
        let mut under_way = JoinSet::new();
        for point in points {
            let request = v1::CreateDeliveryPointRequest {
                territory: territory(),
                delivery_point: Some(point_message(point, scene)),
                ..Default::default()
            };
            let (tms, name) = (tms.clone(), point.id.clone());
            under_way.spawn(async move {
                tms.create_delivery_point(request).await.with_context(|| name)
            });
        }
        while let Some(created) = under_way.join_next().await {
            created.context("creating a point")??;
        }
    }
    Ok(())
}

fn vehicle_message(vehicle: &Vehicle, currency: &str) -> v1::Vehicle {
    v1::Vehicle {
        name: names::vehicle(&vehicle.id),
        capacity: Some(wire::load(vehicle.capacity)),
        skills: vehicle.skills.clone(),
        cost_per_hour: Some(wire::money(vehicle.cost_per_hour_micros, currency)),
        cost_per_km: Some(wire::money(vehicle.cost_per_km_micros, currency)),
        co2_grams_per_km: vehicle.co2_grams_per_km,
    }
}

fn point_message(point: &Point, scene: &Scene) -> v1::DeliveryPoint {
    use v1::delivery_point::Kind;
    let (kind, compartments) = match point.kind {
        PointKind::House | PointKind::Apartments | PointKind::Business => (Kind::Door, None),
        PointKind::Locker { compartments, occupied } => {
            (Kind::Locker, Some(compartments.saturating_sub(occupied) as i32))
        }
        PointKind::Shop => (Kind::Shop, None),
    };
    v1::DeliveryPoint {
        name: names::delivery_point(&point.id),
        kind: kind.into(),
        location: Some(convert::lat_lng(point.location.lat_lng())),
        opening: wire::windows_out(&scene.calendar.windows(&point.hours)),
        compartments,
        park: Some(wire::seconds(point.service.park)),
        per_stop: Some(wire::seconds(point.service.stop)),
    }
}

fn manifest_message(manifest: &Manifest, scene: &Scene) -> v1::Manifest {
    let moment = |second| Some(convert::timestamp(scene.calendar.moment(second)));
    v1::Manifest {
        name: names::manifest(&manifest.id),
        driver: names::driver(&manifest.driver),
        vehicle: names::vehicle(&manifest.vehicle),
        depot: names::depot(&scene.day.depot.id),
        shift: Some(v1::Shift {
            start: moment(manifest.departure),
            end: moment(manifest.shift_end),
            hard_end: moment(manifest.hard_end),
        }),
        ..Default::default()
    }
}

fn shipment_message(
    shipment: &Shipment,
    scene: &Scene,
    consents: &BTreeMap<&str, Consents>,
) -> anyhow::Result<v1::Shipment> {
    let recipient = shipment.recipient.as_str();
    let consents = consents.get(recipient).with_context(|| recipient.to_owned())?;
    let goods = match shipment.goods {
        Goods::Normal => v1::GoodsClass::Normal,
        Goods::Medicine => v1::GoodsClass::Restricted,
        Goods::HighValue => v1::GoodsClass::HighValue,
    };
    let service = scene.atlas.site(&shipment.point)?.service;
    Ok(v1::Shipment {
        name: names::shipment(&shipment.id),
        recipient: shipment.recipient.clone(),
        parcels: shipment.parcels.iter().map(|p| parcel_message(shipment, p, scene)).collect(),
        promise: Some(v1::Promise {
            delivery_point: names::delivery_point(&shipment.point),
            windows: wire::windows_out(&scene.calendar.windows(&shipment.promise)),
            version: 0,
        }),
        goods_class: goods.into(),
        skills: skills(shipment),
        consents: Some(v1::Consents {
            consolidation: consents.consolidation,
            neighbour: consents.neighbour,
        }),
        service_per_parcel: Some(wire::seconds(service.parcel)),
        ..Default::default()
    })
}

/// What the vans of a shipment need: care for one parcel is asked for the whole shipment.
fn skills(shipment: &Shipment) -> Vec<String> {
    let all = shipment.parcels.iter().flat_map(|parcel| parcel.skills.iter().cloned());
    all.collect::<std::collections::BTreeSet<String>>().into_iter().collect()
}

fn parcel_message(shipment: &Shipment, parcel: &Parcel, scene: &Scene) -> v1::Parcel {
    use v1::custody::State;
    let is_here = scene.calendar.moment(parcel.ready) <= scene.start;
    let state = if is_here { State::AtDepot } else { State::Expected };
    v1::Parcel {
        name: names::parcel(&shipment.id, &parcel.id),
        load: Some(wire::load(parcel.size)),
        custody: Some(v1::Custody {
            state: state.into(),
            depot: names::depot(&scene.day.depot.id),
            ..Default::default()
        }),
        ready_time: Some(convert::timestamp(scene.calendar.moment(parcel.ready))),
        planned: None,
    }
}
