//! One fully stated wish, planned: where its parcels go, what that changes for whom.
//!
//! Quotes and commits share it. A quote throws the plan away and keeps the figures; a commit keeps
//! both. All or nothing: if one part finds no room, nothing has happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_model::schedule::{World, windows_of};
use swerve_model::{
    Cost, CustodyStep, DeliveryPoint, EtaInterval, Impact, ManifestId, Meters, Moment, Offer,
    ParcelId, Place, PlanDelta, PointId, PointKind, Promise, Refusal, ShipmentEffect, ShipmentId,
    StopId, Task, Ticks, TimeWindow, Wish,
};
use swerve_optimizer::{Breakdown, Insertion, REGRET_ROUTES, Route};

use crate::draft::{Draft, Placed, join_tasks};
use crate::parts::{Departures, Holder, Part};
use crate::refuse;
use crate::repair;
use crate::snapshot::Snapshot;

/// A move of another's arrival by less than this is not worth a word.
pub(crate) const SHIFT_TOLD: Ticks = Ticks::from_minutes(5);

/// A wish with nothing left to choose: which shipments, where to, when.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// First the one asked about.
    pub(crate) shipments: Vec<ShipmentId>,
    /// What each is promised once it is true; none for those that stay as they are.
    pub(crate) promises: BTreeMap<ShipmentId, Promise>,
    /// A point that does not exist yet, and where the roads have it.
    pub(crate) new_point: Option<(DeliveryPoint, Place)>,
    /// Whether all must end on one stop.
    pub(crate) together: bool,
    /// As it would be committed.
    pub(crate) wish: Wish,
}

impl Resolved {
    /// Back to what was promised before a change, for everyone it touched.
    pub(crate) fn undo(snapshot: &Snapshot, effects: &[ShipmentEffect]) -> Resolved {
        let mut promises = BTreeMap::new();
        let mut shipments: Vec<ShipmentId> = Vec::new();
        for effect in effects {
            let Some(shipment) = snapshot.shipment(&effect.shipment) else { continue };
            if shipment.is_terminal() || shipments.contains(&shipment.id) {
                continue;
            }
            let version = shipment.promise.version + 1;
            let promise = Promise { version, ..effect.promise_before.clone() };
            promises.insert(shipment.id.clone(), promise);
            shipments.push(shipment.id.clone());
        }
        let wish = Wish::default();
        Resolved { shipments, promises, new_point: None, together: false, wish }
    }

    /// Where a shipment is to go.
    fn point_of(&self, snapshot: &Snapshot, shipment: &ShipmentId) -> Option<PointId> {
        let promise = self.promises.get(shipment);
        promise.or(snapshot.shipment(shipment).map(|s| &s.promise)).map(|p| p.point.clone())
    }
}

/// A resolved wish with a place in the plan.
pub(crate) struct Planned<'a> {
    pub(crate) draft: Draft<'a>,
    pub(crate) resolved: Resolved,
    pub(crate) placed: Vec<(Part, Placed)>,
}

/// How far to go to find room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Others keep their order.
    Insert,
    /// Where that fails, others are moved inside their promises.
    Rearrange,
}

/// Finds room for a resolved wish, or says why there is none.
pub(crate) fn plan<'a>(
    snapshot: &'a Snapshot,
    resolved: &Resolved,
    effort: Effort,
) -> Result<Planned<'a>, Vec<Refusal>> {
    let (mut draft, parts) = taken_off(snapshot, resolved)?;
    let mut placed = Vec::with_capacity(parts.len());
    for part in parts {
        let at = match draft.insert(&part) {
            Ok(at) => at,
            Err(no_room) if effort == Effort::Insert => {
                return Err(refuse::no_room(snapshot, &no_room));
            }
            Err(no_room) => repair::make_room(&mut draft, &part, no_room.why.nearest())
                .ok_or_else(|| refuse::no_room(snapshot, &no_room))?,
        };
        placed.push((part, at));
    }
    if resolved.together && placed.iter().any(|(_, at)| *at != placed[0].1) {
        return Err(vec![refuse::apart(snapshot, &placed)]);
    }
    Ok(Planned { draft, resolved: resolved.clone(), placed })
}

/// The plan without the parcels of a resolved wish, and these as the parts they are brought in.
fn taken_off<'a>(
    snapshot: &'a Snapshot,
    resolved: &Resolved,
) -> Result<(Draft<'a>, Vec<Part>), Vec<Refusal>> {
    let mut draft = Draft::new(snapshot);
    if let Some((point, place)) = &resolved.new_point {
        draft.add_point(point.clone(), *place);
    }
    let parcels = open_parcels(snapshot, &resolved.shipments);
    if !draft.take(&parcels) {
        return Err(vec![refuse::in_progress()]);
    }
    for (shipment, promise) in &resolved.promises {
        draft.promise(shipment, promise.clone());
    }
    Ok((draft, parts_of(snapshot, resolved)?))
}

/// Where the parts of a resolved wish could go, each by itself, as stops of their own: the cheapest
/// routes of each. Nothing if they cannot be moved at all.
pub(crate) fn places(snapshot: &Snapshot, resolved: &Resolved) -> Vec<Vec<Insertion>> {
    let Ok((draft, parts)) = taken_off(snapshot, resolved) else { return Vec::new() };
    let rules = snapshot.settings.rules();
    let place = |part: &Part| {
        let stop = draft.search_stop(part);
        let found = stop.map(|stop| draft.live(&rules).cheapest(&stop, None, REGRET_ROUTES));
        found.map_or_else(Vec::new, |found| found.best)
    };
    parts.iter().map(place).collect()
}

/// Every parcel of these shipments that is still to be delivered.
pub(crate) fn open_parcels(
    snapshot: &Snapshot,
    shipments: &[ShipmentId],
) -> BTreeSet<(ShipmentId, ParcelId)> {
    let of = |id: &ShipmentId| {
        let shipment = snapshot.shipment(id).cloned();
        shipment.into_iter().flat_map(|shipment| {
            let id = shipment.id.clone();
            shipment.open_parcels().map(|p| (id.clone(), p.id.clone())).collect::<Vec<_>>()
        })
    };
    shipments.iter().flat_map(of).collect()
}

/// Parcels by who can bring them. Those that are to come together go with the one van that already
/// holds some of them, while it still loads at the others' depot.
fn parts_of(snapshot: &Snapshot, resolved: &Resolved) -> Result<Vec<Part>, Vec<Refusal>> {
    let mut by_holder = ByHolder::new();
    let departures = Departures::of(snapshot);
    for (shipment, parcel) in open_parcels(snapshot, &resolved.shipments) {
        let found = snapshot.shipment(&shipment).and_then(|s| s.parcel(&parcel));
        let held = found.and_then(|found| Some((Holder::of(found)?, departures.missed_by(found))));
        let Some((holder, missed)) = held else { continue };
        let Some(point) = resolved.point_of(snapshot, &shipment) else { continue };
        // What is to come together goes with a van that leaves late enough for all of it.
        let missed = if resolved.together { 0 } else { missed };
        let task = Task { shipment, parcels: vec![parcel] };
        join_tasks(by_holder.entry((point, holder, missed)).or_default(), &[task]);
    }
    if resolved.together && by_holder.len() > 1 {
        by_holder = gather(snapshot, by_holder)?;
    }
    let part = |((point, holder, _), tasks)| Part { point, tasks, holder };
    Ok(by_holder.into_iter().map(part).collect())
}

/// By point, holder and departures missed.
type ByHolder = BTreeMap<(PointId, Holder, usize), Vec<Task>>;

fn gather(snapshot: &Snapshot, by_holder: ByHolder) -> Result<ByHolder, Vec<Refusal>> {
    let vans: BTreeSet<ManifestId> = by_holder
        .keys()
        .filter_map(|(_, holder, _)| match holder {
            Holder::Van(van) => Some(van.clone()),
            Holder::Depot(_) => None,
        })
        .collect();
    let vans: Vec<ManifestId> = vans.into_iter().collect();
    let [van] = vans.as_slice() else {
        return Err(vec![refuse::on_other_vans(&vans)]);
    };
    let loads_at = snapshot.state.manifests.get(van).filter(|m| m.may_load());
    let loads_at = loads_at.map(|manifest| manifest.duty.depot.clone());
    let mut gathered = ByHolder::new();
    for ((point, holder, _), more) in by_holder {
        if let Holder::Depot(depot) = holder
            && Some(&depot) != loads_at.as_ref()
        {
            return Err(vec![refuse::left_the_depot(&depot)]);
        }
        let key = (point, Holder::Van(van.clone()), 0);
        join_tasks(gathered.entry(key).or_default(), &more);
    }
    Ok(gathered)
}

impl Planned<'_> {
    pub(crate) fn delta(&self) -> PlanDelta {
        self.draft.delta()
    }

    /// Stops of this plan whose promises the wish itself changed.
    pub(crate) fn own_stops(&self) -> BTreeSet<StopId> {
        self.placed.iter().map(|(_, at)| at.stop.clone()).collect()
    }

    /// The figures of an offer. `None` only if a stop vanished, which would be our own bug.
    pub(crate) fn offer(&self, fee: Cost) -> Option<Offer> {
        Some(Offer {
            resolved: self.resolved.wish.clone(),
            effects: self.effects()?,
            fee,
            path: self.path(),
            impact: self.impact()?,
        })
    }

    pub(crate) fn effects(&self) -> Option<Vec<ShipmentEffect>> {
        let snapshot = self.draft.base();
        let mut effects = Vec::new();
        for shipment in &self.resolved.shipments {
            for (part, at) in &self.placed {
                let Some(task) = part.tasks.iter().find(|task| task.shipment == *shipment) else {
                    continue;
                };
                effects.push(ShipmentEffect {
                    shipment: shipment.clone(),
                    parcels: task.parcels.clone(),
                    promise_before: snapshot.shipment(shipment)?.promise.clone(),
                    promise_after: self.draft.world.shipment(shipment)?.promise.clone(),
                    manifest: at.manifest.clone(),
                    eta: self.eta(at)?,
                });
            }
        }
        Some(effects)
    }

    fn eta(&self, at: &Placed) -> Option<EtaInterval> {
        let (start, stops_before) = self.draft.start_of(at)?;
        let live = self.draft.base().live(&at.manifest)?;
        let (earliest, latest) = self.draft.base().settings.risk.interval(live.known, start);
        Some(EtaInterval {
            expected: start,
            earliest: earliest.max(live.known.min(start)),
            latest,
            stops_before,
        })
    }

    fn path(&self) -> Vec<CustodyStep> {
        let step = |(part, at): &(Part, Placed)| match &part.holder {
            Holder::Van(van) => CustodyStep::SameVan(van.clone()),
            Holder::Depot(depot) => {
                CustodyStep::LoadAtDepot { depot: depot.clone(), manifest: at.manifest.clone() }
            }
        };
        let mut path: Vec<CustodyStep> = self.placed.iter().map(step).collect();
        let snapshot = self.draft.base();
        for (part, _) in &self.placed {
            if snapshot.point(&part.point).is_some_and(|point| point.kind != PointKind::Door) {
                path.push(CustodyStep::DropAtPoint(part.point.clone()));
            }
        }
        path.dedup();
        path
    }

    /// What the change does to everyone else, against leaving the plan as it is.
    pub(crate) fn impact(&self) -> Option<Impact> {
        let snapshot = self.draft.base();
        let mut impact = Impact { on_time_permille: 1000, ..Impact::default() };
        let own = self.own_stops();
        let before = starts(self.draft.dirty(), snapshot, |key| {
            Some((snapshot.live_by_key(key)?.route.clone(), base_stops(snapshot, key)))
        });
        let after = starts(self.draft.dirty(), snapshot, |key| {
            Some((self.draft.route(key).clone(), self.draft.stops(key)))
        });
        for key in self.draft.dirty() {
            self.add_route_costs(&mut impact, key)?;
        }
        for (stop, now) in &after {
            let margin_of = |at: &Standing| at.kept_permille;
            if own.contains(stop) {
                impact.on_time_permille = impact.on_time_permille.min(margin_of(now));
                continue;
            }
            let Some(was) = before.get(stop) else { continue };
            let shift = (now.start - was.start).abs();
            if shift > SHIFT_TOLD {
                impact.stops_shifted += 1;
                impact.max_shift = impact.max_shift.max(shift);
            }
            impact.stops_reassigned += u32::from(now.manifest != was.manifest);
            let lost = margin_of(was).saturating_sub(margin_of(now));
            impact.risk_to_others_permille += u32::from(lost);
        }
        Some(impact)
    }

    fn add_route_costs(&self, impact: &mut Impact, key: u32) -> Option<()> {
        let snapshot = self.draft.base();
        let (before, after) = (&snapshot.live_by_key(key)?.route, self.draft.route(key));
        let operating = |route: &Route| {
            let Breakdown { driving, waiting, distance, overtime, .. } = *route.cost_by_cause();
            driving + waiting + distance + overtime
        };
        impact.cost += operating(after) - operating(before);
        let legs = |route: &Route| {
            route.positions().iter().fold((Ticks(0), Meters(0)), |(ticks, meters), at| {
                (ticks + at.leg.duration(), meters + at.leg.distance())
            })
        };
        let ((ticks_before, meters_before), (ticks_after, meters_after)) =
            (legs(before), legs(after));
        impact.driving += ticks_after - ticks_before;
        let meters = meters_after - meters_before;
        impact.distance += meters;
        let manifest = snapshot.manifest_by_key(key)?;
        let vehicle = snapshot.state.vehicles.get(&manifest.duty.vehicle)?;
        impact.co2_grams += meters.0 * vehicle.co2_grams_per_km / 1000;
        Some(())
    }
}

struct Standing {
    manifest: u32,
    start: Moment,
    kept_permille: u16,
}

/// Planned start and its sureness of every free stop of these manifests.
fn starts(
    keys: Vec<u32>,
    snapshot: &Snapshot,
    of: impl Fn(u32) -> Option<(Arc<Route>, Vec<swerve_model::Stop>)>,
) -> BTreeMap<StopId, Standing> {
    let mut standings = BTreeMap::new();
    for key in keys {
        let Some((route, stops)) = of(key) else { continue };
        let known = route.van().known;
        for (index, (stop, seen)) in stops.iter().zip(route.stops()).enumerate() {
            let start = route.start_of(index);
            let close = seen.windows.iter().map(|window| window.close());
            let close = close.clone().find(|close| start <= *close).or(close.max());
            let kept_permille = close
                .map_or(1000, |close| snapshot.settings.risk.kept_permille(known, start, close));
            standings.insert(stop.id.clone(), Standing { manifest: key, start, kept_permille });
        }
    }
    standings
}

fn base_stops(snapshot: &Snapshot, key: u32) -> Vec<swerve_model::Stop> {
    let manifest = snapshot.manifest_by_key(key);
    manifest.and_then(|m| snapshot.suffix(&m.id)).map(|suffix| suffix.stops).unwrap_or_default()
}

/// When a point could serve all of these shipments as they are promised now.
pub(crate) fn common_windows(
    world: &impl World,
    point: &PointId,
    shipments: &[ShipmentId],
) -> Vec<TimeWindow> {
    let task = |shipment: &ShipmentId| Task { shipment: shipment.clone(), parcels: Vec::new() };
    let tasks: Vec<Task> = shipments.iter().map(task).collect();
    windows_of(world, point, &tasks).unwrap_or_default()
}
