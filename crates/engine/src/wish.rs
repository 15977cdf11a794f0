//! From a wish to offers: every concrete thing the wish could mean, each proven on the live plan.
//!
//! A wish may leave things open ("which windows could I have?"). It is first judged by the rules,
//! without routing; then turned into resolved wishes, planned in parallel, each against the same
//! snapshot; the best become offers. When none can be had, the reasons are given, and what could be
//! had instead.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use swerve_model::schedule::World;
use swerve_model::{
    Assurance, ChangeKind, Cost, DeliveryPoint, LatLng, Offer, Place, PointId, PointKind, Promise,
    Proof, Refusal, RefusalReason, Shipment, ShipmentId, Ticks, TimeWindow, Together, TravelTimes,
    Wish, WishedPlace,
};

use crate::error::EngineError;
use crate::gate;
use crate::offer::{self, Effort, Planned, Resolved};
use crate::snapshot::Snapshot;

/// A suggested window is this long: what recipients know from carriers that do it well.
pub const SUGGESTED_WINDOW: Ticks = Ticks::from_hours(2);
/// Suggested windows open on the half hour.
const SUGGESTED_STEP: Ticks = Ticks::from_minutes(30);
/// More are planned than offered, so that the cheapest can be chosen; a day has 24 half hours of
/// service.
const WINDOWS_TRIED_MAX: usize = 24;
/// Pickup points tried: the nearest few are the ones people would walk to.
const POINTS_TRIED_MAX: usize = 8;
/// Candidates for which others are moved, when none has room as they stand: each costs some ten
/// milliseconds, and a recipient waits.
const REARRANGED_MAX: usize = 6;
/// Neighbours live within this distance on the plane: a minute's walk.
const NEIGHBOUR_METERS: f64 = 60.0;
/// Shipments brought together at most, the asked one included.
pub(crate) const TOGETHER_MAX: usize = 21;
/// What else is offered when a wish cannot be had.
const ALTERNATIVES_MAX: usize = 3;

/// An answer to a wish, before it has a name and an expiry.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) kinds: Vec<ChangeKind>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) alternatives: Vec<Offer>,
}

/// Answers a wish on a snapshot. Pure: the same snapshot and wish give the same answer.
///
/// # Errors
/// Unknown shipment or point; a wish that asks for nothing; a location off the road network.
pub(crate) fn answer(
    snapshot: &Snapshot,
    shipment: &ShipmentId,
    wish: &Wish,
    assurance: Assurance,
    max_offers: usize,
) -> Result<Answered, EngineError> {
    let asked =
        snapshot.shipment(shipment).ok_or_else(|| EngineError::not_found("shipment", shipment))?;
    let target = target_of(snapshot, asked, wish)?;
    let kinds = kinds_of(wish, &target);
    if kinds.is_empty() {
        return Err(EngineError::invalid("wish", "asks for nothing; set at least one part".into()));
    }
    let mut answered =
        Answered { kinds, offers: Vec::new(), refusals: Vec::new(), alternatives: Vec::new() };
    let distance = distance_asked(snapshot, asked, &target);
    match gate::decide(snapshot, asked, &answered.kinds, assurance, distance, &wish.windows) {
        Err(refusals) => answered.refusals = refusals,
        Ok(fee) => match candidates(snapshot, asked, wish, &target) {
            Err(refusals) => answered.refusals = refusals,
            Ok(candidates) => {
                let (offers, refusals) = best_offers(snapshot, &candidates, fee, max_offers);
                answered.offers = offers;
                answered.refusals = refusals;
            }
        },
    }
    if answered.offers.is_empty() {
        answered.alternatives = alternatives(snapshot, asked, wish, &target, assurance);
    } else {
        answered.refusals.clear();
    }
    Ok(answered)
}

/// Where a wish wants its parcels to go.
#[derive(Clone, Debug)]
struct Target {
    point: DeliveryPoint,
    place: Place,
    moved: bool,
}

fn target_of(snapshot: &Snapshot, asked: &Shipment, wish: &Wish) -> Result<Target, EngineError> {
    match &wish.place {
        None => known_point(snapshot, &asked.promise.point, false),
        Some(WishedPlace::Point(point)) => {
            known_point(snapshot, point, *point != asked.promise.point)
        }
        Some(WishedPlace::Location(location)) => new_point(snapshot, asked, *location),
    }
}

fn known_point(snapshot: &Snapshot, id: &PointId, moved: bool) -> Result<Target, EngineError> {
    let unknown = || EngineError::not_found("delivery point", id);
    let point = snapshot.point(id).ok_or_else(unknown)?.clone();
    let place = snapshot.place(id).ok_or_else(|| {
        EngineError::precondition("POINT_UNREACHABLE", id, "it is on no drivable road".into())
    })?;
    Ok(Target { point, place, moved })
}

/// Another address. Its name is its location, so that the same address asked for twice is one point.
fn new_point(
    snapshot: &Snapshot,
    asked: &Shipment,
    location: LatLng,
) -> Result<Target, EngineError> {
    let snapped = snapshot
        .roads
        .0
        .snap(location)
        .map_err(|off| EngineError::invalid("wish.place.location", off.to_string()))?;
    let name = format!("at-{:.6}_{:.6}", location.latitude(), location.longitude());
    let id = PointId::new(&name).expect("digits, dots, dashes and an underscore");
    if snapshot.point(&id).is_some() {
        let moved = id != asked.promise.point;
        return known_point(snapshot, &id, moved);
    }
    let present = snapshot.point(&asked.promise.point);
    let point = DeliveryPoint {
        id,
        kind: PointKind::Door,
        location,
        opening: Vec::new(),
        compartments: None,
        park: present.map_or(Ticks::from_seconds(40), |point| point.park),
        per_stop: present.map_or(Ticks::from_seconds(60), |point| point.per_stop),
    };
    Ok(Target { point, place: snapped.place, moved: true })
}

fn kinds_of(wish: &Wish, target: &Target) -> Vec<ChangeKind> {
    let mut kinds = BTreeSet::new();
    if wish.suggest_points {
        kinds.insert(ChangeKind::Pickup);
    } else if target.moved {
        kinds.insert(match target.point.kind {
            PointKind::Door => ChangeKind::Reroute,
            PointKind::Locker | PointKind::Shop => ChangeKind::Pickup,
        });
    }
    if !wish.windows.is_empty() || wish.suggest_windows {
        kinds.insert(ChangeKind::Window);
    }
    if wish.together.is_some() {
        kinds.insert(ChangeKind::Consolidation);
    }
    kinds.into_iter().collect()
}

fn distance_asked(
    snapshot: &Snapshot,
    asked: &Shipment,
    target: &Target,
) -> Option<swerve_model::Meters> {
    let from = snapshot.place(&asked.promise.point)?;
    let distance = snapshot.roads.position(from).distance(snapshot.roads.position(target.place));
    target.moved.then_some(swerve_model::Meters(distance.round() as i64))
}

/// Every resolved wish that this one could mean.
fn candidates(
    snapshot: &Snapshot,
    asked: &Shipment,
    wish: &Wish,
    target: &Target,
) -> Result<Vec<Resolved>, Vec<Refusal>> {
    let shipments = together(snapshot, asked, wish, target)?;
    let parcels = offer::open_parcels(snapshot, &shipments).len() as u32;
    let mut targets =
        if wish.suggest_points { pickup_points(snapshot, target) } else { vec![target.clone()] };
    targets.retain(|target| has_room(snapshot, asked, &target.point, parcels));
    if targets.is_empty() {
        let full = Refusal::new(RefusalReason::LockerFull, Proof::Impossible);
        return Err(vec![full.with_fact("parcels", &parcels)]);
    }
    let mut resolved = Vec::new();
    for target in targets {
        for windows in window_choices(snapshot, asked, wish, &target, &shipments) {
            let known = snapshot.point(&target.point.id).is_some();
            resolved.push(Resolved {
                shipments: shipments.clone(),
                promises: promises(snapshot, asked, &target, &windows, &shipments),
                new_point: (!known).then(|| (target.point.clone(), target.place)),
                wish: resolved_wish(wish, asked, &target, &windows, &shipments),
                together: wish.together.is_some(),
            });
        }
    }
    if resolved.is_empty() {
        return Err(vec![Refusal::new(RefusalReason::WindowUnreachable, Proof::Impossible)]);
    }
    Ok(resolved)
}

/// What each shipment is promised once the wish is true; none for those that stay as they are.
///
/// Whoever asked gets the place and windows asked for. Another recipient's window never changes:
/// consent was to hand over together, and the stop keeps inside both windows.
fn promises(
    snapshot: &Snapshot,
    asked: &Shipment,
    target: &Target,
    windows: &[TimeWindow],
    shipments: &[ShipmentId],
) -> BTreeMap<ShipmentId, Promise> {
    let mut promises = BTreeMap::new();
    for shipment in shipments.iter().filter_map(|id| snapshot.shipment(id)) {
        let own = shipment.recipient == asked.recipient;
        let windows = if own { windows } else { &shipment.promise.windows };
        let point = &target.point.id;
        if shipment.promise.point != *point || shipment.promise.windows != windows {
            let version = shipment.promise.version + 1;
            let promise = Promise { point: point.clone(), windows: windows.to_vec(), version };
            promises.insert(shipment.id.clone(), promise);
        }
    }
    promises
}

fn resolved_wish(
    wish: &Wish,
    asked: &Shipment,
    target: &Target,
    windows: &[TimeWindow],
    shipments: &[ShipmentId],
) -> Wish {
    let place = match &wish.place {
        Some(WishedPlace::Location(location)) if !wish.suggest_points => {
            Some(WishedPlace::Location(*location))
        }
        _ if target.point.id != asked.promise.point => {
            Some(WishedPlace::Point(target.point.id.clone()))
        }
        _ => None,
    };
    let others = shipments[1..].to_vec();
    Wish {
        place,
        windows: windows.to_vec(),
        suggest_windows: false,
        suggest_points: false,
        together: wish.together.as_ref().map(|_| Together::These(others)),
    }
}

/// What a resolved wish, kept in an offer, means on a later plan.
pub(crate) fn resolve_again(
    snapshot: &Snapshot,
    shipment: &ShipmentId,
    wish: &Wish,
) -> Result<Resolved, Vec<Refusal>> {
    let terminal = || vec![Refusal::new(RefusalReason::ShipmentTerminal, Proof::Impossible)];
    let asked = snapshot.shipment(shipment).ok_or_else(terminal)?;
    if asked.is_terminal() {
        return Err(terminal());
    }
    let unreachable = |_| vec![Refusal::new(RefusalReason::PointUnreachable, Proof::Impossible)];
    let target = target_of(snapshot, asked, wish).map_err(unreachable)?;
    let mut resolved = candidates(snapshot, asked, wish, &target)?;
    let mut kept = resolved.swap_remove(0);
    // A kept wish names its windows: any of them was promised, not each in turn.
    kept.promises = promises(snapshot, asked, &target, &wish.windows, &kept.shipments);
    kept.wish = wish.clone();
    Ok(kept)
}

/// The shipments to be handed over together, the asked one first.
fn together(
    snapshot: &Snapshot,
    asked: &Shipment,
    wish: &Wish,
    target: &Target,
) -> Result<Vec<ShipmentId>, Vec<Refusal>> {
    let mut shipments = vec![asked.id.clone()];
    match &wish.together {
        None => {}
        Some(Together::These(named)) => {
            for id in named {
                consents(snapshot, asked, id)?;
                if !shipments.contains(id) {
                    shipments.push(id.clone());
                }
            }
        }
        Some(Together::Find) => {
            shipments.extend(companions(snapshot, asked, target));
            shipments.truncate(TOGETHER_MAX);
            let parts = snapshot.state.assignments_of(&asked.id).map(|(_, at)| &at.stop);
            let stops: BTreeSet<_> = parts.collect();
            if shipments.len() == 1 && stops.len() < 2 {
                let nothing = Refusal::new(RefusalReason::NothingToConsolidate, Proof::Impossible);
                return Err(vec![nothing]);
            }
        }
    }
    Ok(shipments)
}

fn consents(snapshot: &Snapshot, asked: &Shipment, other: &ShipmentId) -> Result<(), Vec<Refusal>> {
    let missing = || {
        let refusal = Refusal::new(RefusalReason::ConsentMissing, Proof::Impossible);
        vec![refusal.with_fact("shipment", other)]
    };
    let found = snapshot.shipment(other).ok_or_else(missing)?;
    let own = found.recipient == asked.recipient;
    let both = found.consents.neighbour && asked.consents.neighbour;
    if !(own || both) {
        return Err(missing());
    }
    if found.is_terminal() {
        let terminal = Refusal::new(RefusalReason::ShipmentTerminal, Proof::Impossible);
        return Err(vec![terminal.with_fact("shipment", other)]);
    }
    Ok(())
}

/// The recipient's other shipments, and consenting neighbours', that could come on the same stop:
/// those whose holder can be one with the asked shipment's.
fn companions(snapshot: &Snapshot, asked: &Shipment, target: &Target) -> Vec<ShipmentId> {
    let own = snapshot.state.of_recipient.get(&asked.recipient).into_iter().flatten();
    let own: Vec<ShipmentId> = own.filter(|id| **id != asked.id).cloned().collect();
    let center = snapshot.roads.position(target.place);
    let near = |id: &ShipmentId| {
        let point = snapshot.shipment(id).map(|shipment| shipment.promise.point.clone())?;
        let position = snapshot.roads.position(snapshot.place(&point)?);
        (position.distance(center) <= NEIGHBOUR_METERS).then_some(())
    };
    let neighbours = snapshot.state.shipments.values().filter(|other| {
        asked.consents.neighbour
            && other.consents.neighbour
            && other.recipient != asked.recipient
            && other.goods == swerve_model::GoodsClass::Normal
            && !other.is_terminal()
            && near(&other.id).is_some()
    });
    let neighbours: Vec<ShipmentId> = neighbours.map(|other| other.id.clone()).collect();
    let mut chosen = vec![asked.id.clone()];
    for id in own.into_iter().chain(neighbours) {
        let open = snapshot.shipment(&id).is_some_and(|other| !other.is_terminal());
        chosen.push(id);
        if !open || !can_share_a_van(snapshot, &chosen) {
            chosen.pop();
        }
    }
    chosen.split_off(1)
}

/// At most one van holds any of their parcels, and the rest wait where it still loads, if anywhere.
fn can_share_a_van(snapshot: &Snapshot, shipments: &[ShipmentId]) -> bool {
    let mut vans = BTreeSet::new();
    let mut depots = BTreeSet::new();
    for (shipment, parcel) in offer::open_parcels(snapshot, shipments) {
        let found = snapshot.shipment(&shipment).and_then(|shipment| shipment.parcel(&parcel));
        match found.map(|parcel| parcel.custody.clone()) {
            Some(swerve_model::Custody::Loaded(van)) => drop(vans.insert(van)),
            Some(custody) => drop(custody.waiting_at().cloned().map(|depot| depots.insert(depot))),
            None => {}
        }
    }
    let loads_at = vans.first().and_then(|van| snapshot.state.manifests.get(van));
    let loads_at = loads_at.filter(|manifest| manifest.may_load()).map(|m| &m.duty.depot);
    match vans.len() {
        0 => depots.len() <= 1,
        1 => depots.iter().all(|depot| Some(depot) == loads_at),
        _ => false,
    }
}

fn pickup_points(snapshot: &Snapshot, target: &Target) -> Vec<Target> {
    let center = snapshot.roads.position(target.place);
    let mut points: Vec<(i64, Target)> = snapshot
        .state
        .points
        .values()
        .filter(|point| point.kind != PointKind::Door)
        .filter_map(|point| {
            let target = known_point(snapshot, &point.id, true).ok()?;
            let distance = snapshot.roads.position(target.place).distance(center);
            Some((distance.round() as i64, target))
        })
        .collect();
    points.sort_by(|a, b| (a.0, &a.1.point.id).cmp(&(b.0, &b.1.point.id)));
    points.into_iter().take(POINTS_TRIED_MAX).map(|(_, target)| target).collect()
}

/// Room in a point for these parcels, not counting what is bound there already or held for others.
fn has_room(snapshot: &Snapshot, asked: &Shipment, point: &DeliveryPoint, parcels: u32) -> bool {
    let Some(compartments) = point.compartments else { return true };
    if asked.promise.point == point.id {
        return true;
    }
    let taken = snapshot.state.occupancy.get(&point.id).copied().unwrap_or(0);
    taken + held(snapshot, Some(&asked.id), &point.id) + parcels <= compartments
}

/// Compartments of a point kept for held offers of other shipments than the asked one.
pub(crate) fn held(snapshot: &Snapshot, asked: Option<&ShipmentId>, point: &PointId) -> u32 {
    let mut parcels = 0;
    for hold in snapshot.state.holds.values().filter(|hold| hold.until > snapshot.state.now) {
        let Some(quote) = snapshot.state.quotes.get(&hold.quote) else { continue };
        let Some(offer) = quote.offer(hold.offer).filter(|_| Some(&quote.shipment) != asked) else {
            continue;
        };
        for effect in &offer.effects {
            if effect.promise_after.point == *point {
                parcels += effect.parcels.len() as u32;
            }
        }
    }
    parcels
}

/// Alternatives of promised windows to try: each inner list is one promise.
fn window_choices(
    snapshot: &Snapshot,
    asked: &Shipment,
    wish: &Wish,
    target: &Target,
    shipments: &[ShipmentId],
) -> Vec<Vec<TimeWindow>> {
    if !wish.windows.is_empty() {
        return wish.windows.iter().map(|window| vec![*window]).collect();
    }
    if wish.suggest_windows {
        return suggested_windows(snapshot).into_iter().map(|window| vec![window]).collect();
    }
    if target.moved && target.point.kind != PointKind::Door {
        return day_window(snapshot).into_iter().map(|window| vec![window]).collect();
    }
    if shipments.len() > 1 {
        // One stop serves all, so it has to lie in everyone's windows; the recipient's own shipments
        // may take the asked one's where they would contradict each other.
        let common = offer::common_windows(snapshot, &target.point.id, shipments);
        if !common.is_empty() {
            return vec![common];
        }
    }
    vec![asked.promise.windows.clone()]
}

/// From now to the end of the last shift that is still open.
fn day_window(snapshot: &Snapshot) -> Option<TimeWindow> {
    let manifests = snapshot.state.manifests.values();
    let open = manifests.filter(|m| !matches!(m.state, swerve_model::ManifestState::Closed(_)));
    let end = open.map(|manifest| manifest.duty.shift.end).max()?;
    TimeWindow::new(snapshot.state.now, end).ok()
}

fn suggested_windows(snapshot: &Snapshot) -> Vec<TimeWindow> {
    let Some(day) = day_window(snapshot) else { return Vec::new() };
    let step = SUGGESTED_STEP.0;
    let first = day.open().0.div_euclid(step) * step + step;
    (0..WINDOWS_TRIED_MAX as i64)
        .map(|index| swerve_model::Moment(first + index * step))
        .take_while(|open| *open + SUGGESTED_WINDOW <= day.close())
        .filter_map(|open| TimeWindow::new(open, open + SUGGESTED_WINDOW).ok())
        .collect()
}

/// Offers for a wish: by insertion alone where one of its candidates has room, else, while somebody
/// waits, by moving others inside their promises for the first few of them.
fn best_offers(
    snapshot: &Snapshot,
    candidates: &[Resolved],
    fee: Cost,
    max_offers: usize,
) -> (Vec<Offer>, Vec<Refusal>) {
    let found = plan_all(snapshot, candidates, Effort::Insert, fee, max_offers);
    if !found.0.is_empty() {
        return found;
    }
    let few = &candidates[..candidates.len().min(REARRANGED_MAX)];
    let (offers, refusals) = plan_all(snapshot, few, Effort::Rearrange, fee, max_offers);
    if few.len() < candidates.len() { (offers, found.1) } else { (offers, refusals) }
}

/// Plans all candidates in parallel; the cheapest that the checker accepts become offers, in order of
/// what they cost the operation, then of when they open.
fn plan_all(
    snapshot: &Snapshot,
    candidates: &[Resolved],
    effort: Effort,
    fee: Cost,
    max_offers: usize,
) -> (Vec<Offer>, Vec<Refusal>) {
    let plan = |resolved: &Resolved| plan_one(snapshot, resolved, effort, fee);
    let results: Vec<Result<_, Vec<Refusal>>> = match candidates {
        [only] => vec![plan(only)],
        many => many.par_iter().map(plan).collect(),
    };
    let mut planned = Vec::new();
    let mut refusals: Vec<Refusal> = Vec::new();
    let mut refuse = |reasons: Vec<Refusal>| {
        for reason in reasons {
            if !refusals.contains(&reason) {
                refusals.push(reason);
            }
        }
    };
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok((plan, offer)) => planned.push((offer.impact.cost, index, plan, offer)),
            Err(reasons) => refuse(reasons),
        }
    }
    planned.sort_by_key(|(cost, index, ..)| (*cost, *index));
    let mut offers = Vec::new();
    for (_, _, plan, offer) in planned {
        if offers.len() == max_offers {
            break;
        }
        let violations = crate::judge::judge_planned(snapshot, &plan);
        if violations.is_empty() {
            offers.push(offer);
        } else {
            refuse(crate::refuse::by_violations(&violations));
        }
    }
    (offers, refusals)
}

fn plan_one<'a>(
    snapshot: &'a Snapshot,
    resolved: &Resolved,
    effort: Effort,
    fee: Cost,
) -> Result<(Planned<'a>, Offer), Vec<Refusal>> {
    let planned = offer::plan(snapshot, resolved, effort)?;
    let offer = planned.offer(fee);
    let vanished = || vec![Refusal::new(RefusalReason::NotFoundInTime, Proof::NotFoundInTime)];
    offer.map(|offer| (planned, offer)).ok_or_else(vanished)
}

/// What could be had instead: another window for the same place, a pickup point near it.
fn alternatives(
    snapshot: &Snapshot,
    asked: &Shipment,
    wish: &Wish,
    target: &Target,
    assurance: Assurance,
) -> Vec<Offer> {
    if asked.is_terminal() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut tried = Vec::new();
    if !wish.windows.is_empty() {
        tried.push(Wish { windows: Vec::new(), suggest_windows: true, ..wish.clone() });
    }
    if wish.together.is_some() && (wish.place.is_some() || !wish.windows.is_empty()) {
        tried.push(Wish { together: None, ..wish.clone() });
    }
    if !wish.suggest_points && target.point.kind == PointKind::Door {
        tried.push(Wish { place: wish.place.clone(), suggest_points: true, ..Wish::default() });
    }
    for other in tried {
        let Ok(near) = target_of(snapshot, asked, &other) else { continue };
        let kinds = kinds_of(&other, &near);
        let distance = distance_asked(snapshot, asked, &near);
        let allowed = gate::decide(snapshot, asked, &kinds, assurance, distance, &other.windows);
        let Ok(fee) = allowed else { continue };
        let Ok(candidates) = candidates(snapshot, asked, &other, &near) else { continue };
        let room = ALTERNATIVES_MAX.saturating_sub(found.len());
        found.extend(plan_all(snapshot, &candidates, Effort::Insert, fee, room.min(2)).0);
        if found.len() >= ALTERNATIVES_MAX {
            break;
        }
    }
    found
}
