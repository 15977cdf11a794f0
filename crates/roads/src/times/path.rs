//! The way itself, for maps and for whoever drives it.

use std::ops::RangeInclusive;

use swerve_model::{LatLng, Leg, Place};

use super::RoadTimes;
use crate::geometry;
use crate::network::RoadId;
use crate::search::{Arcs, Key, Labels, Sense, cost};
use crate::snap::{Ends, Offset, Side};

/// A way from one place to another.
#[derive(Clone, Debug, PartialEq)]
pub struct PathGeometry {
    /// From the first place to the second; a single point if they are the same.
    pub points: Vec<LatLng>,
    /// As `leg` has it: the sum of its roads.
    pub leg: Leg,
    pub roads: Vec<PathRoad>,
}

/// A road of a way, or the part of it that is driven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRoad {
    pub road: RoadId,
    pub ticks: u32,
    pub decimeters: u32,
    /// Which of the way's points it runs through; it shares its first with the road before.
    pub points: RangeInclusive<usize>,
}

/// A driven part of a road, in its own direction.
struct Step {
    road: RoadId,
    from: Offset,
    to: Offset,
    cost: Key,
}

impl RoadTimes {
    /// The way that `leg` measures; `None` if there is none. Among equals always the same.
    ///
    /// Searches anew, no farther than four times the leg: milliseconds at most on a metropolitan
    /// network. Not for inner loops.
    ///
    /// # Panics
    /// If a place is of another network.
    pub fn path(&self, from: Place, to: Place) -> Option<PathGeometry> {
        let (from, to) = (self.registry.entry(from), self.registry.entry(to));
        if from.ends.spot == to.ends.spot {
            let points = vec![from.position];
            return Some(PathGeometry { points, leg: Leg::ZERO, roads: Vec::new() });
        }
        let mut labels = self.rows.borrow_labels();
        let total = self.search_until(&mut labels, &from.ends, &to.ends);
        let steps = (total < Key::LIMIT).then(|| self.steps(&labels, &from.ends, &to.ends, total));
        self.rows.return_labels(labels);
        Some(self.drawn(&steps?, from.position, total))
    }

    fn steps(&self, labels: &Labels, from: &Ends, to: &Ends, total: Key) -> Vec<Step> {
        if let Some((side, cost)) = from.direct_side(to).filter(|(_, cost)| *cost == total) {
            let last = to.sides().find(|last| last.road == side.road);
            let last = last.expect("a direct way ends on the road it begins on");
            return vec![Step { road: side.road, from: side.offset, to: last.offset, cost }];
        }
        let reached = |side: &&Side| side.reached(labels, Sense::Forward) == total;
        let last = to.sides().find(reached).expect("the least cost is that of a side");
        let mut steps = vec![Step {
            road: last.road,
            from: Offset::START,
            to: last.offset,
            cost: last.from_cost,
        }];
        let first = self.trace_back(labels, from, last, &mut steps);
        steps.push(Step {
            road: first.road,
            from: first.offset,
            to: Offset::END,
            cost: first.to_cost,
        });
        steps.reverse();
        steps
    }

    /// Follows the labels from the beginning of `last` to a side of `from`, whole roads at a time.
    ///
    /// No road takes less than a tick, so costs fall at every step and the walk ends.
    fn trace_back<'a>(
        &self,
        labels: &Labels,
        from: &'a Ends,
        last: &Side,
        steps: &mut Vec<Step>,
    ) -> &'a Side {
        let mut layer = if last.restricted { Layer::Last } else { Layer::Open };
        let mut junction = last.from;
        loop {
            let key = layer.labels(labels)[junction as usize];
            if let Some(first) = layer.seed(from, junction, key) {
                return first;
            }
            if let Some((road, before)) = self.road_before(labels, layer, junction, key) {
                let cost = cost(self.network.road(road));
                steps.push(Step { road, from: Offset::START, to: Offset::END, cost });
                junction = before;
            } else {
                layer = layer.before().expect("every label comes from a seed");
            }
        }
    }

    /// The lowest road over which the label `key` of `junction` came about, and where it begins.
    fn road_before(
        &self,
        labels: &Labels,
        layer: Layer,
        junction: u32,
        key: Key,
    ) -> Option<(RoadId, u32)> {
        let arcs: &Arcs = match layer {
            Layer::Open => &self.backward.open,
            Layer::First | Layer::Last => &self.backward.restricted,
        };
        let labels = layer.labels(labels);
        let arc =
            arcs.of(junction).iter().find(|arc| labels[arc.head as usize].plus(arc.cost) == key)?;
        Some((RoadId::new(arc.road as usize), arc.head))
    }

    fn drawn(&self, steps: &[Step], start: LatLng, total: Key) -> PathGeometry {
        let mut points = vec![start];
        let mut roads = Vec::new();
        for step in steps.iter().filter(|step| step.from < step.to) {
            let shape = self.network.shape(step.road);
            let part = geometry::part(&shape, step.from.share(), step.to.share());
            // The first point is where the road before has ended, or the start.
            points.extend(&part[1..]);
            roads.push(PathRoad {
                road: step.road,
                ticks: step.cost.ticks(),
                decimeters: step.cost.decimeters() as u32,
                points: points.len() - part.len()..=points.len() - 1,
            });
        }
        PathGeometry { points, leg: total.leg(), roads }
    }
}

/// Which of the three searches a label is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    First,
    Open,
    Last,
}

impl Layer {
    fn labels(self, labels: &Labels) -> &[Key] {
        match self {
            Layer::First => &labels.first,
            Layer::Open => &labels.open,
            Layer::Last => &labels.last,
        }
    }

    fn before(self) -> Option<Layer> {
        match self {
            Layer::First => None,
            Layer::Open => Some(Layer::First),
            Layer::Last => Some(Layer::Open),
        }
    }

    /// The side of `from` that gave `junction` its label, if one did in this layer.
    fn seed(self, from: &Ends, junction: u32, key: Key) -> Option<&Side> {
        let restricted = match self {
            Layer::First => true,
            Layer::Open => false,
            Layer::Last => return None,
        };
        from.sides().find(|side| {
            side.restricted == restricted && side.to == junction && side.to_cost == key
        })
    }
}
