//! A plan taken apart: vans with what is fixed, stops that may go anywhere the rules allow.
//!
//! All that a rule allows because it was so before (I16) is looked up here once, so that the search
//! only compares numbers.

use swerve_model::{
    Cost, Custody, DeliveryPoint, LOAD_DIMENSIONS, Load, Moment, Place, Promise, Risk, ShipmentId,
    Stop, Ticks, TimeWindow, TravelTimes, World,
};

use super::search::search;
use super::{PuzzleError, STOPS_MAX, Solution, Trip, VANS_MAX};
use crate::custody::{late_for, loads};
use crate::flag::Flag;
use crate::inspect::inspect_routes;
use crate::judge::judge_points;
use crate::places::touched;
use crate::promise::{Needed, Standing, is_promised_anew, standing_of, standings};
use crate::scene::{Conditions, ParcelRef, Route, Side, parcels_of};
use crate::sheet::{Line, Sheet};
use crate::timetable::{Halt, NameUnknown, Timetable, departure, drive, frozen_count};

/// How much of the plan may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freedom {
    /// Only the stops to place are placed; all others keep their van and their order.
    Insertion,
    /// Whatever the rules allow.
    Everything,
}

/// One van after its frozen stops.
#[derive(Clone, Debug)]
pub(super) struct Van {
    pub(super) start: Place,
    pub(super) leaves: Moment,
    pub(super) known: Moment,
    pub(super) home: Place,
    /// It may stay at the depot if it gets no stops.
    pub(super) may_stay: bool,
    /// The law, or as late as it was anyway.
    pub(super) back_by: Moment,
    /// In the van or for its frozen stops, whatever is planned.
    pub(super) carried: Load,
    /// Room in all, or as much as it was loaded with anyway.
    pub(super) room: Load,
}

/// One stop to be placed.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) stop: Stop,
    pub(super) halt: Halt,
    /// The windows of every rule that binds the start of service.
    pub(super) rules: Vec<Vec<TimeWindow>>,
    pub(super) point: DeliveryPoint,
    /// The promises it keeps, and what each must come up to.
    pub(super) promises: Vec<(Promise, Needed)>,
    /// So far from the point's opening it was planned anyway.
    pub(super) off_opening_max: Ticks,
    /// What it adds to each van's load; `None` where custody or skills forbid it.
    pub(super) load_on: Vec<Option<Load>>,
    /// It stays on this van, behind those of the same van with a lower rank.
    pub(super) held: Option<(usize, usize)>,
}

/// Everything a plan may be made of.
#[derive(Clone, Debug)]
pub struct Puzzle {
    pub(super) vans: Vec<Van>,
    /// Ways to see the stops: the new ones on their own, or merged into a halt at the same point.
    pub(super) variants: Vec<Vec<Piece>>,
    frozen: Vec<Vec<Stop>>,
    pub(super) risk: Risk,
    pub(super) now: Moment,
    /// A point would hold more than it can: no plan helps.
    is_hopeless: bool,
}

impl Puzzle {
    /// Takes `before` apart for a change to the world `after`, in which the tasks of `to_place` are to
    /// be delivered by these stops and no longer by others.
    ///
    /// # Errors
    /// Too large, a name that stands for nothing, or a parcel to place that is on a frozen stop.
    pub fn new<W: World, V: World, T: TravelTimes>(
        before: &Side<'_, W>,
        after: &V,
        conditions: &Conditions<'_, T>,
        to_place: &[Stop],
        freedom: Freedom,
    ) -> Result<Puzzle, PuzzleError> {
        let sheet = Sheet::of(before);
        let (timetables, flags) = inspect_routes(&sheet, conditions);
        let (routes, unassigned) = (before.routes.clone(), before.unassigned.clone());
        let later = Side { world: after, routes, unassigned };
        let (frozen, free) = take_apart(&later, &timetables, conditions, to_place, freedom)?;
        let (stops, vans) = (free.len() + to_place.len(), before.routes.len());
        if stops > STOPS_MAX || vans > VANS_MAX {
            return Err(PuzzleError::TooLarge { stops, vans });
        }
        let mut vans = Vec::with_capacity(vans);
        for ((route, frozen), load) in before.routes.iter().zip(&frozen).zip(loads(&sheet)) {
            vans.push(van_of(after, route, frozen.len(), load, &flags, conditions)?);
        }
        let standings = standings(&sheet, &timetables, &conditions.risk);
        let (flags, now) = (&flags[..], conditions.now);
        let maker = Maker { before, later: &later, standings: &standings, flags, now };
        let variants: Result<Vec<_>, _> =
            merges(free, to_place).into_iter().map(|stops| maker.pieces(stops)).collect();
        let mut overflowing = Vec::new();
        let mut shipments: Vec<&ShipmentId> =
            touched(&sheet, &Sheet::of(&later)).iter().map(|one| one.parcel.0).collect();
        shipments.extend(to_place.iter().flat_map(parcels_of).map(|parcel| parcel.0));
        shipments.sort_unstable();
        let changes = shipments.iter().map(|id| (before.world.shipment(id), after.shipment(id)));
        judge_points(after, changes, conditions.occupied, &mut overflowing);
        Ok(Puzzle {
            vans,
            variants: variants?,
            frozen,
            risk: conditions.risk,
            now: conditions.now,
            is_hopeless: !overflowing.is_empty(),
        })
    }

    /// The cheapest plan that breaks no rule, by `price`, which is never negative; `None` if there is
    /// none. The first found in order of stops wins a tie.
    pub fn solve<T: TravelTimes>(
        &self,
        travel: &T,
        price: &impl Fn(&Trip<'_>) -> Cost,
    ) -> Option<Solution> {
        if self.is_hopeless {
            return None;
        }
        let mut best: Option<Solution> = None;
        for pieces in &self.variants {
            let limit = best.as_ref().map(|best| best.cost);
            if let Some((cost, order)) = search(self, pieces, travel, price, limit) {
                let routes = order.iter().zip(&self.frozen).map(|(order, frozen)| {
                    let free = order.iter().map(|piece| pieces[*piece].stop.clone());
                    frozen.iter().cloned().chain(free).collect()
                });
                best = Some(Solution { cost, routes: routes.collect() });
            }
        }
        best
    }
}

/// The stops to be placed, with the van each is held on.
type Stops = Vec<(Stop, Option<usize>)>;

/// Each route's frozen stops, and all others without the parcels to place and those closed by then.
fn take_apart<V: World, T>(
    later: &Side<'_, V>,
    timetables: &[Option<Timetable>],
    conditions: &Conditions<'_, T>,
    to_place: &[Stop],
    freedom: Freedom,
) -> Result<(Vec<Vec<Stop>>, Stops), PuzzleError> {
    let taken: Vec<ParcelRef<'_>> = to_place.iter().flat_map(parcels_of).collect();
    let (mut frozen, mut free) = (Vec::new(), Vec::new());
    for (index, (route, timetable)) in later.routes.iter().zip(timetables).enumerate() {
        let times = timetable.as_ref().map_or(&[][..], |timetable| &timetable.stops);
        let count = frozen_count(route.manifest, times, conditions.now, conditions.frozen_ahead);
        let (kept, rest) = route.undone().split_at(count);
        if let Some(near) = kept.iter().flat_map(parcels_of).find(|key| taken.contains(key)) {
            return Err(PuzzleError::TooNear { shipment: near.0.clone() });
        }
        frozen.push(kept.to_vec());
        free.extend(rest.iter().filter_map(|stop| {
            let goes = |parcel: ParcelRef<'_>| taken.contains(&parcel) || !later.is_open(parcel);
            let is_held = stop.pinned || freedom == Freedom::Insertion;
            Some((without(stop, goes)?, is_held.then_some(index)))
        }));
    }
    Ok((frozen, free))
}

/// A van as it stands after its frozen stops on the world as it will be; `loaded` as it was before.
fn van_of<V: World, T: TravelTimes>(
    world: &V,
    route: &Route<'_>,
    frozen: usize,
    loaded: Load,
    flags: &[Flag],
    conditions: &Conditions<'_, T>,
) -> Result<Van, PuzzleError> {
    let mut manifest = route.manifest.clone();
    manifest.stops.truncate(manifest.done_count() + frozen);
    let fixed = Route { manifest: &manifest, ..route.clone() };
    let now = conditions.now;
    let timetable = drive(&fixed, world, conditions.travel, now)?;
    let (start, leaves) = match (manifest.stops.last(), timetable.stops.last()) {
        (Some(last), Some(times)) => (Halt::of(&Line::of(world, 0, last))?.place, times.departure),
        _ => departure(&fixed, world, now)?,
    };
    let mut back_by = route.manifest.duty.shift.hard_end;
    for flag in flags {
        if let Flag::ShiftExceeded { manifest, by } = flag
            && *manifest == route.manifest.id
        {
            back_by += *by;
        }
    }
    let mut room = route.vehicle.capacity;
    for dimension in 0..LOAD_DIMENSIONS {
        room.0[dimension] = room.0[dimension].max(loaded.0[dimension]);
    }
    let may_stay = manifest.may_load() && manifest.stops.is_empty();
    let alone = Side { world, routes: vec![fixed], unassigned: Vec::new() };
    Ok(Van {
        start,
        leaves,
        known: timetable.known,
        home: route.depot,
        may_stay,
        back_by,
        carried: loads(&Sheet::of(&alone)).into_iter().sum(),
        room,
    })
}

/// `stop` without the parcels that `goes`; `None` if nothing is left.
fn without(stop: &Stop, goes: impl Fn(ParcelRef<'_>) -> bool) -> Option<Stop> {
    let mut left = stop.clone();
    for task in &mut left.tasks {
        let shipment = &task.shipment;
        task.parcels.retain(|parcel| !goes((shipment, parcel)));
    }
    left.tasks.retain(|task| !task.parcels.is_empty());
    (!left.tasks.is_empty()).then_some(left)
}

/// Every way to bring `to_place`: each as a halt of its own, or with a halt at the same point.
fn merges(free: Stops, to_place: &[Stop]) -> Vec<Stops> {
    let mut variants = vec![free];
    for stop in to_place {
        let mut grown = Vec::new();
        for variant in variants {
            for into in 0..variant.len() {
                if variant[into].0.point == stop.point {
                    let mut merged = variant.clone();
                    merged[into].0.tasks.extend(stop.tasks.iter().cloned());
                    grown.push(merged);
                }
            }
            let mut alone = variant;
            alone.push((stop.clone(), None));
            grown.push(alone);
        }
        variants = grown;
    }
    variants
}

/// What pieces are cut from.
struct Maker<'a, 'b, W, V> {
    before: &'b Side<'a, W>,
    later: &'b Side<'a, V>,
    standings: &'b [Standing<'a>],
    flags: &'b [Flag],
    now: Moment,
}

impl<W: World, V: World> Maker<'_, '_, W, V> {
    fn pieces(&self, stops: Stops) -> Result<Vec<Piece>, PuzzleError> {
        let cut = stops
            .into_iter()
            .enumerate()
            .map(|(rank, (stop, van))| self.piece(stop, van.map(|van| (van, rank))));
        cut.collect()
    }

    fn piece(&self, stop: Stop, held: Option<(usize, usize)>) -> Result<Piece, PuzzleError> {
        let world = self.later.world;
        let line = Line::of(world, 0, &stop);
        // Names every name of the stop that stands for nothing.
        let halt = Halt::of(&line)?;
        let unknown = || NameUnknown { stop: stop.id.clone(), name: stop.point.to_string() };
        let point = line.point.cloned().ok_or_else(unknown)?;
        let rules = line.rules().map(<[TimeWindow]>::to_vec).collect();
        let mut promises = Vec::new();
        for (task, shipment) in line.tasks() {
            let Some(shipment) = shipment else { continue };
            let anew = is_promised_anew(self.before.world.shipment(&shipment.id), shipment);
            for parcel in &task.parcels {
                let was = standing_of(self.standings, (&task.shipment, parcel));
                let was = was.map(|was| was.stand).filter(|_| !anew);
                promises.push((shipment.promise.clone(), Needed::of(was, anew)));
            }
        }
        let off_opening_max = self.flags.iter().find_map(|flag| match flag {
            Flag::PointClosed { stop: id, by, .. } if *id == stop.id => Some(*by),
            _ => None,
        });
        let load_on = self.before.routes.iter().map(|route| self.load_on(&stop, route)).collect();
        let off_opening_max = off_opening_max.unwrap_or_default();
        Ok(Piece { stop, halt, rules, point, promises, off_opening_max, load_on, held })
    }

    /// What `stop` adds to this van's load; `None` if the van may not bring it.
    fn load_on(&self, stop: &Stop, route: &Route<'_>) -> Option<Load> {
        let mut added = Load::ZERO;
        for key in parcels_of(stop) {
            let shipment = self.later.world.shipment(key.0)?;
            let missing = (shipment.skills.0 & !route.vehicle.skills.0).count_ones();
            if i64::from(missing) > self.size_before("SKILLS_MISSING", key.0.as_str(), "") {
                return None;
            }
            let parcel = shipment.parcel(key.1)?;
            let (kind, fits, adds) = match &parcel.custody {
                Custody::Loaded(holder) => {
                    let here = *holder == route.manifest.id;
                    ("OTHER_VAN", here, !here)
                }
                Custody::Expected(depot) | Custody::AtDepot(depot) => {
                    let loads = route.manifest.may_load() && *depot == route.manifest.duty.depot;
                    let late = late_for(route, parcel, self.now).0;
                    if late > self.size_before("NOT_READY", key.0.as_str(), key.1.as_str()) {
                        return None;
                    }
                    ("NOT_LOADABLE", loads, true)
                }
                _ => ("PARCEL_CLOSED", false, false),
            };
            if !fits && self.size_before(kind, key.0.as_str(), key.1.as_str()) == 0 {
                return None;
            }
            if adds {
                added += parcel.load;
            }
        }
        Some(added)
    }

    /// How large this fault was before; zero if it was not there.
    fn size_before(&self, kind: &str, one: &str, other: &str) -> i64 {
        let same = self.flags.iter().filter(|flag| flag.fault().is(kind, one, other));
        same.map(Flag::size).max().unwrap_or(0)
    }
}
