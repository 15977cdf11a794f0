//! The places of one search, numbered so that near ones lie together in memory.

use std::sync::Arc;

use swerve_model::{Place, Planar, TravelTimes};

use crate::instance::Stop;
use crate::route::Route;

/// Every place once. Places near each other get numbers near each other, so that what a search reads
/// of a table of legs lies together too.
pub(super) struct Places {
    /// Ascending, each with its number.
    numbers: Vec<(Place, u32)>,
}

impl Places {
    pub(super) fn of(
        routes: &[Arc<Route>],
        unassigned: &[Arc<Stop>],
        travel: &impl TravelTimes,
    ) -> Places {
        let positions = routes.iter().flat_map(|route| route.positions());
        let mut places: Vec<Place> = positions.map(|at| at.place).collect();
        places.extend(unassigned.iter().map(|stop| stop.place));
        places.sort_unstable();
        places.dedup();
        let points: Vec<Planar> = places.iter().map(|place| travel.position(*place)).collect();
        let mut along: Vec<(u64, Place)> =
            z_order(&points).into_iter().zip(places.iter().copied()).collect();
        along.sort_unstable();
        let mut numbers: Vec<(Place, u32)> =
            along.iter().enumerate().map(|(number, (_, place))| (*place, number as u32)).collect();
        numbers.sort_unstable();
        Places { numbers }
    }

    pub(super) fn index(&self, place: Place) -> u32 {
        let found = self.numbers.binary_search_by_key(&place, |(place, _)| *place);
        self.numbers[found.expect("a place of this plan")].1
    }

    pub(super) fn into_vec(self) -> Vec<Place> {
        let mut places = self.numbers;
        places.sort_unstable_by_key(|(_, number)| *number);
        places.into_iter().map(|(place, _)| place).collect()
    }
}

/// Where each point lies on a curve that fills the plane.
fn z_order(points: &[Planar]) -> Vec<u64> {
    let least = |of: fn(&Planar) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
    let (west, south) = (least(|point| point.x), least(|point| point.y));
    let spread = |meters: f64| {
        // A bit of zero between each two bits of the number of metres.
        let mut bits = u64::from(meters as u32);
        for (shift, mask) in [
            (16, 0x0000_ffff_0000_ffff),
            (8, 0x00ff_00ff_00ff_00ff),
            (4, 0x0f0f_0f0f_0f0f_0f0f),
            (2, 0x3333_3333_3333_3333),
            (1, 0x5555_5555_5555_5555),
        ] {
            bits = (bits | (bits << shift)) & mask;
        }
        bits
    };
    points.iter().map(|point| spread(point.x - west) | (spread(point.y - south) << 1)).collect()
}
