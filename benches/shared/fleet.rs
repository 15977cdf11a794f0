//! Live routes on a plane, for benches of the live search.
#![allow(dead_code, unreachable_pub, reason = "each bench uses a part of it")]

use std::sync::Arc;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use swerve_model::{
    Cost, Leg, Load, Moment, Pace, Place, Planar, RouteShape, Skills, Ticks, TimeWindow,
    TravelTimes,
};
use swerve_optimizer::{Assurance, Custody, Prices, Route, Rules, Stop, Tariff, Van};
use swerve_spatial::ChunkIndex;

/// Straight roads at 8 m/s: what is measured is the search, not the roads.
pub struct Plane(pub Vec<Planar>);

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let meters = self.position(from).distance(self.position(to)).ceil();
        Leg { ticks: (meters * 1.25).ceil() as i32, meters: meters as i32 }
    }

    fn position(&self, place: Place) -> Planar {
        self.0[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 1.25, meters: 1.0 }
    }
}

pub fn stop(key: u32, place: u32, window: Option<TimeWindow>) -> Stop {
    Stop {
        key,
        place: Place(place),
        windows: window.into_iter().collect(),
        service: Ticks::from_seconds(120),
        load: Load::new(2_000, 8_000, 1),
        skills: Skills::NONE,
        custody: Custody::AtDepot(0),
        ready: None,
        pinned: false,
        baseline: None,
        told: None,
        drop_cost: Cost::PROHIBITIVE,
    }
}

/// A window of two hours in the first seven.
pub fn any_window(rng: &mut ChaCha8Rng) -> TimeWindow {
    let open = Moment::EPOCH + Ticks::from_minutes(rng.random_range(0..300));
    TimeWindow::new(open, open + Ticks::from_hours(2)).expect("in order")
}

pub fn van(key: u32) -> Van {
    Van {
        key,
        start: Place(0),
        depart: Moment::EPOCH,
        known: Moment::EPOCH,
        end: Some(Place(0)),
        shift_end: Moment::EPOCH + Ticks::from_hours(9),
        hard_end: Moment::EPOCH + Ticks::from_hours(11),
        capacity: Load::new(1_500_000, 12_000_000, 300),
        carried: Load::ZERO,
        skills: Skills::NONE,
        loads_from: Some(0),
        leaves: Moment::EPOCH,
        use_cost: None,
    }
}

pub fn rules() -> Rules {
    let tariff = Tariff {
        driving_hour: Cost::from_units(30),
        waiting_hour: Cost::from_units(30),
        km: Cost(300_000),
        overtime_hour: Cost::from_units(45),
        late_minute: Cost::from_units(2),
        told_minute: Cost(50_000),
        moved_van: Cost::from_units(1),
    };
    Rules { prices: Prices::new(&tariff), assurance: Assurance::default(), travel_varies: false }
}

pub fn index(routes: &[Arc<Route>]) -> ChunkIndex {
    let shapes: Vec<RouteShape> = routes.iter().map(|route| route.shape()).collect();
    ChunkIndex::new((0..).zip(&shapes))
}

/// In strips, each the other way: no good route, but not a senseless one.
pub fn in_strips(doors: &mut [Planar], strip_meters: f64) {
    doors.sort_by(|a, b| {
        let strip = |at: &Planar| (at.x / strip_meters).floor() as i64;
        let up = |at: &Planar| if strip(at) % 2 == 0 { at.y } else { -at.y };
        strip(a).cmp(&strip(b)).then(up(a).total_cmp(&up(b)))
    });
}
