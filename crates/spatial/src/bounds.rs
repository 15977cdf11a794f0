//! What many gaps have in common, and eight such side by side.

use swerve_model::detour::NEVER_LAST;
use swerve_model::{Detour, DetourPrice, GapTimes, Leg, Planar};

use crate::gap::Gap;

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
    /// Of nothing.
    const NONE: Bounds = Bounds {
        from: Area::EMPTY,
        to: Area::EMPTY,
        longest_leg: Leg { ticks: i32::MIN, meters: i32::MIN },
        is_open: false,
        times: GapTimes::NEVER,
    };

    pub(crate) fn of_gap(gap: &Gap) -> Bounds {
        Bounds {
            from: Area::of(gap.from),
            to: Area::of(gap.to),
            longest_leg: gap.leg,
            is_open: gap.is_open,
            times: gap.times,
        }
    }

    pub(crate) fn of_all(members: &[Bounds]) -> Bounds {
        members.iter().copied().fold(Bounds::NONE, Bounds::join)
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
}

const fn corner(at: f64) -> Planar {
    Planar { x: at, y: at }
}

/// Members of a group. With four, a tenth fewer bounds are computed and more groups fetched, which takes a
/// fifth longer; with sixteen a third more are computed, which takes as long or a little longer.
pub(crate) const GROUP: usize = 8;

/// The bounds of a group's members, each kind of number beside its like, so that several are computed at
/// once. What a group lacks is nowhere.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    from: Areas,
    to: Areas,
    saved_ticks: [i32; GROUP],
    saved_meters: [i32; GROUP],
    left_first: [f64; GROUP],
    left_last: [f64; GROUP],
    due: [f64; GROUP],
    last: [f32; GROUP],
}

/// Boxes, with sides no nearer than they are.
#[derive(Clone, Debug)]
struct Areas {
    low_x: [f32; GROUP],
    low_y: [f32; GROUP],
    high_x: [f32; GROUP],
    high_y: [f32; GROUP],
}

impl Group {
    /// At most [`GROUP`] members.
    pub(crate) fn of(members: &[Bounds]) -> Group {
        let member = |index: usize| members.get(index).unwrap_or(&Bounds::NONE);
        let time = |of: &dyn Fn(&GapTimes) -> i64| each(|index| of(&member(index).times) as f64);
        Group {
            from: Areas::of(|index| member(index).from),
            to: Areas::of(|index| member(index).to),
            saved_ticks: each(|index| member(index).longest_leg.ticks),
            saved_meters: each(|index| member(index).longest_leg.meters),
            left_first: time(&|times| times.left.0.0),
            left_last: time(&|times| times.left.1.0),
            due: time(&|times| times.due.0),
            last: each(|index| if member(index).is_open { 0.0 } else { NEVER_LAST as f32 }),
        }
    }

    /// What going through each member costs at least; infinite for those there are not.
    #[inline]
    pub(crate) fn floors(&self, center: Planar, price: &DetourPrice) -> [f64; GROUP] {
        let (into, out_of) = (self.from.distances(center), self.to.distances(center));
        let mut floors = [0.0; GROUP];
        for (lane, floor) in floors.iter_mut().enumerate() {
            *floor = price.floor(&Detour {
                into: into[lane],
                out_of: out_of[lane],
                saved_ticks: f64::from(self.saved_ticks[lane]),
                saved_meters: f64::from(self.saved_meters[lane]),
                last: f64::from(self.last[lane]),
                left: (self.left_first[lane], self.left_last[lane]),
                due: self.due[lane],
            });
        }
        floors
    }
}

impl Areas {
    fn of(area: impl Fn(usize) -> Area) -> Areas {
        Areas {
            low_x: each(|index| below(area(index).low.x)),
            low_y: each(|index| below(area(index).low.y)),
            high_x: each(|index| -below(-area(index).high.x)),
            high_y: each(|index| -below(-area(index).high.y)),
        }
    }

    /// From each to a point, at least.
    #[inline]
    fn distances(&self, center: Planar) -> [f64; GROUP] {
        let mut distances = [0.0; GROUP];
        for (lane, distance) in distances.iter_mut().enumerate() {
            let x = outside(center.x, self.low_x[lane], self.high_x[lane]);
            let y = outside(center.y, self.low_y[lane], self.high_y[lane]);
            *distance = (x * x + y * y).sqrt();
        }
        distances
    }
}

/// How far below `low` or above `high`.
#[inline]
fn outside(at: f64, low: f32, high: f32) -> f64 {
    let (below, above) = (f64::from(low) - at, at - f64::from(high));
    let farther = if below > above { below } else { above };
    if farther > 0.0 { farther } else { 0.0 }
}

/// The next number that four bytes hold, downwards.
fn below(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) > value { nearest.next_down() } else { nearest }
}

fn each<T>(of: impl Fn(usize) -> T) -> [T; GROUP] {
    std::array::from_fn(of)
}
