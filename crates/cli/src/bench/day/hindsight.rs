//! The day planned by somebody who knew every wish before the vans left.
//!
//! The halts are those the engine made: what was granted is known, and granted. Either each stays
//! with the van that had its parcels, which is what knowing earlier was worth to the drivers' order;
//! or any van may take it, which is what it was worth to the dispatcher. Both are planned by our own
//! offline search on nominal times, with promises as sure as the engine keeps them, and driven by the
//! same truth.

use std::collections::BTreeSet;

use swerve_model::{Moment, Place, Risk};
use swerve_policy::Policy;

use super::again::{Call, nominal_service};
use super::judge::VanCalls;
use super::search::{self, Aim};
use super::state::{Rates, State, StateStop, StateVan, matrix, sure};
use crate::demo::scene::Scene;

/// Who may take what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custody {
    /// Each parcel goes with the van it was scanned into.
    AsScanned,
    Free,
}

/// The vans' halts in the order hindsight would make them; and how many of them no van can serve in
/// time, which come last.
pub(super) fn plan(
    scene: &Scene,
    vans: &[Option<VanCalls>],
    custody: Custody,
    seconds: f64,
) -> (Vec<Option<VanCalls>>, u32) {
    let calls: Vec<&Call> =
        vans.iter().flatten().flat_map(|van| &van.calls).filter(|call| is_real(call)).collect();
    let state = state(scene, vans, custody);
    let (mut routes, unserved) = search::solve(&state, Aim::PaidTime, seconds, scene.day.seed);
    for stop in &unserved {
        let only = state.stops[*stop as usize].only.unwrap_or(0);
        routes[only as usize].push(*stop);
    }
    let mut routes = routes.into_iter();
    let planned = vans.iter().map(|van| {
        let departs = van.as_ref()?.departs;
        let route = routes.next().unwrap_or_default();
        let calls = route.into_iter().map(|stop| calls[stop as usize].clone()).collect();
        Some(VanCalls { departs, calls })
    });
    (planned.collect(), unserved.len() as u32)
}

/// Not one that turned out to be gone.
fn is_real(call: &Call) -> bool {
    !call.parcels.is_empty()
}

/// All halts of a day as one state before it begins.
fn state(scene: &Scene, vans: &[Option<VanCalls>], custody: Custody) -> State {
    let (policy, risk) = (Policy::default(), Risk::default());
    let depot = scene.atlas.depot().place;
    let known: BTreeSet<Place> = (vans.iter().flatten().flat_map(|van| &van.calls))
        .map(|call| call.site.place)
        .filter(|place| *place != depot)
        .collect();
    let places: Vec<Place> = std::iter::once(depot).chain(known).collect();
    let index =
        |place: Place| places[1..].binary_search(&place).map_or(0, |position| position as u32 + 1);
    let (mut state_vans, mut stops) = (Vec::new(), Vec::new());
    for (number, van) in vans.iter().enumerate() {
        let Some(van) = van else { continue };
        let manifest = &scene.day.manifests[number];
        let free = scene.calendar.moment(manifest.departure);
        let first = stops.len() as u32;
        for call in van.calls.iter().filter(|call| is_real(call)) {
            let only = (custody == Custody::AsScanned).then_some(state_vans.len() as u32);
            stops.push(stop(scene, call, index(call.site.place), free, only, risk));
        }
        let vehicle = scene.day.vehicles.iter().find(|one| one.id == manifest.vehicle);
        state_vans.push(StateVan {
            id: manifest.id.clone(),
            start: 0,
            end: 0,
            free,
            shift_end: scene.calendar.moment(manifest.shift_end),
            hard_end: scene.calendar.moment(manifest.hard_end),
            litres: vehicle.map_or(0, |one| one.capacity.volume_milliliters / 1_000),
            planned: (first..stops.len() as u32).collect(),
        });
    }
    let at = state_vans.iter().map(|van: &StateVan| van.free).min().unwrap_or(scene.start);
    let (durations, distances) = matrix(&scene.roads, &places, at);
    let rates = Rates::new(&policy.prices);
    let (name, vans) = ("hindsight".to_owned(), state_vans);
    State { name, at, vans, stops, places, durations, distances, rates }
}

fn stop(
    scene: &Scene,
    call: &Call,
    place: u32,
    known: Moment,
    only: Option<u32>,
    risk: Risk,
) -> StateStop {
    // One may always begin when a window opens, or nobody could be planned for what opens early.
    let opens = call.windows.first().map_or(known, |first| first.open());
    let volume = |parcel: &crate::demo::plan::ParcelRef| {
        let parcels = &scene.day.shipments[parcel.shipment].parcels;
        parcels[parcel.parcel].size.volume_milliliters
    };
    StateStop {
        id: call.point.clone(),
        place,
        service: nominal_service(&call.site, call.parcels.len()),
        windows: sure(&call.windows, known, opens, risk),
        close: call.windows.last().map(|last| last.close()),
        only,
        litres: call.parcels.iter().map(volume).sum::<i64>().div_euclid(1_000),
        told: None,
    }
}
