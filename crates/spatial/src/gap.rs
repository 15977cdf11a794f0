//! One gap of a route on the plane.

use swerve_model::{GapTimes, Leg, NearbyGap, Pass, Planar, RouteShape};

use crate::chunk::is_long;
use crate::hilbert;

/// Two neighbours on a route, where a new stop may go between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) from: Planar,
    pub(crate) to: Planar,
    pub(crate) leg: Leg,
    route: u32,
    position: u32,
    /// Along a Hilbert curve over the plane, by where the gap's middle lies.
    on_curve: u32,
    pub(crate) is_open: bool,
    pub(crate) times: GapTimes,
}

impl Gap {
    pub(crate) fn nearby(&self) -> NearbyGap {
        NearbyGap { route: self.route, position: self.position, is_open: self.is_open }
    }

    pub(crate) fn route(&self) -> u32 {
        self.route
    }

    pub(crate) fn is_long(&self) -> bool {
        is_long(self.leg)
    }

    /// Gaps near each other on the plane are mostly near each other in this order.
    pub(crate) fn along_curve(&self) -> (u32, u32, u32) {
        (self.on_curve, self.route, self.position)
    }

    pub(crate) fn ends(&self) -> [f64; 4] {
        [self.from.x, self.from.y, self.to.x, self.to.y]
    }
}

/// Every gap of a route, in order; its anchor alone is a gap from it to itself.
pub(crate) fn gaps(route: u32, shape: &RouteShape) -> impl Iterator<Item = Gap> {
    let RouteShape { passes, is_open } = shape;
    let gap = move |(position, from): (usize, &Pass)| {
        let next = passes.get(position + 1);
        let to = next.unwrap_or(from);
        let is_open = *is_open && position + 2 >= passes.len();
        let (a, b) = (from.point, to.point);
        let middle = Planar { x: f64::midpoint(a.x, b.x), y: f64::midpoint(a.y, b.y) };
        Gap {
            from: a,
            to: b,
            leg: next.map_or(Leg::ZERO, |next| next.leg),
            route,
            position: position as u32,
            on_curve: hilbert::index(middle),
            is_open,
            times: GapTimes::of(from, to, is_open),
        }
    };
    let count = (passes.len().max(2) - 1).min(passes.len());
    passes.iter().enumerate().take(count).map(gap)
}
