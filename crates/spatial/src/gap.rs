//! One gap of a route on the plane, and what many of them have in common.

use swerve_model::{Detour, GapTimes, Leg, NearbyGap, Pass, Planar, RouteShape};

use crate::chunk::is_long;
use crate::hilbert;

/// Two neighbours on a route, where a new stop may go between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    from: Planar,
    to: Planar,
    leg: Leg,
    route: u32,
    position: u32,
    /// Along a Hilbert curve over the plane, by where the gap's middle lies.
    on_curve: u32,
    is_open: bool,
    times: GapTimes,
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

    #[inline]
    pub(crate) fn detour(&self, center: Planar) -> Detour {
        Detour {
            into: distance(self.from, center),
            out_of: distance(self.to, center),
            longest_leg: self.leg,
            is_open: self.is_open,
            times: self.times,
        }
    }
}

/// An end that is nowhere may be anywhere.
#[inline]
fn distance(end: Planar, center: Planar) -> f64 {
    let distance = end.distance_at_least(center);
    if distance.is_finite() { distance } else { 0.0 }
}

/// Every gap of a route, in order; its anchor alone is a gap from it to itself.
pub(crate) fn gaps(route: u32, shape: &RouteShape) -> impl Iterator<Item = Gap> {
    let RouteShape { passes, open_until } = shape;
    let gap = move |(position, from): (usize, &Pass)| {
        let next = passes.get(position + 1);
        let to = next.unwrap_or(from);
        let is_last = position + 2 >= passes.len();
        let behind = open_until.filter(|_| is_last).map(|due| Pass { due, ..*to });
        let between = GapTimes::between(from, to);
        let (a, b) = (from.point, to.point);
        Gap {
            from: a,
            to: b,
            leg: next.map_or(Leg::ZERO, |next| next.leg),
            route,
            position: position as u32,
            on_curve: hilbert::index(Planar {
                x: f64::midpoint(a.x, b.x),
                y: f64::midpoint(a.y, b.y),
            }),
            is_open: behind.is_some(),
            times: behind.map_or(between, |end| between.join(GapTimes::between(to, &end))),
        }
    };
    let count = (passes.len().max(2) - 1).min(passes.len());
    passes.iter().enumerate().take(count).map(gap)
}

/// What holds for every gap of a group: where they begin and where they end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    from: Area,
    to: Area,
    longest_leg: Leg,
    is_open: bool,
    times: GapTimes,
}

/// A box on the plane.
#[derive(Clone, Copy, Debug)]
struct Area {
    low: Planar,
    high: Planar,
}

impl Bounds {
    const NONE: Bounds = Bounds {
        from: Area::EMPTY,
        to: Area::EMPTY,
        longest_leg: Leg { ticks: i32::MIN, meters: i32::MIN },
        is_open: false,
        times: GapTimes::NEVER,
    };

    pub(crate) fn of_gaps(gaps: &[Gap]) -> Bounds {
        let single = |gap: &Gap| Bounds {
            from: Area::of(gap.from),
            to: Area::of(gap.to),
            longest_leg: gap.leg,
            is_open: gap.is_open,
            times: gap.times,
        };
        gaps.iter().map(single).fold(Bounds::NONE, Bounds::join)
    }

    pub(crate) fn of_groups(groups: &[Bounds]) -> Bounds {
        groups.iter().copied().fold(Bounds::NONE, Bounds::join)
    }

    /// Time and distance may peak on different legs, and a bound needs both.
    fn join(self, other: Bounds) -> Bounds {
        Bounds {
            from: self.from.join(other.from),
            to: self.to.join(other.to),
            longest_leg: Leg {
                ticks: self.longest_leg.ticks.max(other.longest_leg.ticks),
                meters: self.longest_leg.meters.max(other.longest_leg.meters),
            },
            is_open: self.is_open || other.is_open,
            times: self.times.join(other.times),
        }
    }

    #[inline]
    pub(crate) fn detour(&self, center: Planar) -> Detour {
        Detour {
            into: self.from.distance(center),
            out_of: self.to.distance(center),
            longest_leg: self.longest_leg,
            is_open: self.is_open,
            times: self.times,
        }
    }
}

impl Area {
    const EMPTY: Area = Area { low: corner(f64::MAX), high: corner(f64::MIN) };
    const EVERYWHERE: Area = Area { low: corner(f64::MIN), high: corner(f64::MAX) };

    /// A point that is nowhere (not finite) may be anywhere, which costs pruning and never an answer.
    fn of(point: Planar) -> Area {
        let is_somewhere = point.x.is_finite() && point.y.is_finite();
        if is_somewhere { Area { low: point, high: point } } else { Area::EVERYWHERE }
    }

    fn join(self, other: Area) -> Area {
        let low = Planar { x: self.low.x.min(other.low.x), y: self.low.y.min(other.low.y) };
        let high = Planar { x: self.high.x.max(other.high.x), y: self.high.y.max(other.high.y) };
        Area { low, high }
    }

    #[inline]
    fn distance(&self, center: Planar) -> f64 {
        let nearest = Planar {
            x: center.x.max(self.low.x).min(self.high.x),
            y: center.y.max(self.low.y).min(self.high.y),
        };
        nearest.distance_at_least(center)
    }
}

const fn corner(at: f64) -> Planar {
    Planar { x: at, y: at }
}
