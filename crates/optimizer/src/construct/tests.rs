//! A plan from nothing: every rule kept, every stop accounted for, nothing by chance.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use swerve_model::{Cost, Leg, Load, Moment, Pace, Place, Planar, Ticks, TimeWindow, TravelTimes};

use super::*;
use crate::fixtures::{plain_stop, plain_van, rules};

static RUN: AtomicBool = AtomicBool::new(false);

const HOUR: i64 = 36_000;
const NOON: Moment = Moment(4 * HOUR);

/// Straight lines at 36 km/h; place 0 is the depot, in the middle.
struct Plane(Vec<Planar>);

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let meters = self.position(from).distance(self.position(to)).ceil() as i32;
        Leg { ticks: meters, meters }
    }

    fn position(&self, place: Place) -> Planar {
        self.0[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 1.0, meters: 1.0 }
    }
}

/// A town with morning vans and noon vans; a tenth of the stops is ready at noon, a tenth is timed.
fn town(stops: u32, vans: u32, room: i64) -> (Plane, Vec<Arc<Van>>, Vec<Arc<Stop>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(stops));
    let mut point = |_| Planar {
        x: rng.random_range(-6_000.0..6_000.0),
        y: rng.random_range(-6_000.0..6_000.0),
    };
    let middle = Planar { x: 0.0, y: 0.0 };
    let plane = Plane(std::iter::once(middle).chain((0..stops).map(&mut point)).collect());
    let van = |key: u32| {
        let depart = if key.is_multiple_of(5) { NOON } else { Moment(0) };
        Arc::new(Van {
            depart,
            known: depart,
            leaves: depart,
            end: Some(Place(0)),
            shift_end: depart + Ticks::from_hours(7),
            hard_end: depart + Ticks::from_hours(8),
            capacity: Load::new(room, room, room),
            ..plain_van(key, 0)
        })
    };
    let stop = |key: u32| {
        let mut stop = Stop { service: Ticks::from_minutes(2), ..plain_stop(key, key + 1) };
        match key % 10 {
            0 => stop.ready = Some(NOON),
            1 => {
                let open = Moment(i64::from(key % 4) * HOUR);
                let window = TimeWindow::new(open, open + Ticks::from_hours(3));
                stop.windows.push(window.expect("in order"));
            }
            _ => {}
        }
        Arc::new(stop)
    };
    (plane, (0..vans).map(van).collect(), (0..stops).map(stop).collect())
}

fn check(proposal: &Proposal, stops: &[Arc<Stop>]) {
    let mut seen = BTreeSet::new();
    for route in &proposal.routes {
        assert!(route.is_legal(), "{:?}", route.excess());
        for stop in route.stops() {
            assert!(seen.insert(stop.key), "{} is on two routes", stop.key);
            assert!(stop.ready.is_none() || route.van().leaves == NOON, "{}", stop.key);
        }
    }
    for stop in &proposal.unassigned {
        assert!(seen.insert(stop.key), "{} is on a route and left over", stop.key);
    }
    assert_eq!(seen.len(), stops.len());
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("a few threads").install(run)
}

#[test]
fn a_day_is_planned_whole_and_alike_on_any_number_of_threads() {
    let (plane, vans, stops) = town(150, 5, 60);
    let search = Search { seed: 3, workers: 2, iterations: 300, stop: &RUN };
    let plan = || construct(&vans, &stops, &plane, &rules(false), &search);
    let proposal = on_threads(1, plan);
    check(&proposal, &stops);
    assert_eq!(proposal.unassigned.len(), 0);
    assert_eq!(proposal, on_threads(3, plan));
}

#[test]
fn a_large_day_is_planned_in_groups_by_the_same_rules() {
    // So many that must be served that their prices overflow a cost.
    let (plane, vans, mut stops) = town(4_400, 50, 100);
    for stop in &mut stops {
        *stop = Arc::new(Stop { drop_cost: Cost::PROHIBITIVE, ..(**stop).clone() });
    }
    let search = Search { seed: 4, workers: 2, iterations: 4_000, stop: &RUN };
    let plan = || construct(&vans, &stops, &plane, &rules(false), &search);
    let proposal = on_threads(1, plan);
    check(&proposal, &stops);
    assert_eq!(proposal.unassigned.len(), 0);
    assert_eq!(proposal, on_threads(2, plan));
}

#[test]
fn what_no_van_has_room_for_is_left_over() {
    let (plane, vans, stops) = town(150, 5, 20);
    let search = Search { seed: 5, workers: 1, iterations: 200, stop: &RUN };
    let proposal = construct(&vans, &stops, &plane, &rules(false), &search);
    check(&proposal, &stops);
    assert_eq!(proposal.unassigned.len(), 50);
}
