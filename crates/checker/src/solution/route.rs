//! The rules that one route keeps or breaks for itself.

use swerve_model::instance::{Instance, Role, StaticRoute, StaticTask, VehicleType};

use super::loads::loads;
use super::orders::Orders;
use super::timetable::timetable;
use super::{Breach, Limited, Timetable, has_visit};

/// A route as driven, and the rules it breaks.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    /// Empty if nothing is driven.
    pub(super) timetable: Timetable,
    pub(super) breaches: Vec<Breach>,
}

/// Drives a route, told as number `route`. What is not of the instance is left out of it.
pub(super) fn judge_route(
    instance: &Instance,
    orders: &Orders,
    route: usize,
    way: &StaticRoute,
) -> Judged {
    let mut judged = Judged::default();
    let Some(vehicle) = instance.fleet.get(way.kind as usize) else {
        judged.breaches.push(Breach::NoSuchVehicle { route, kind: way.kind });
        return judged;
    };
    let is_there = |index: &u32| (*index as usize) < instance.tasks.len();
    let (tasks, unknown): (Vec<u32>, Vec<u32>) =
        way.tasks.iter().partition(|index| is_there(index));
    let unknown = unknown.iter().map(|index| Breach::NoSuchTask { route, index: *index });
    judged.breaches.extend(unknown);
    if !has_visit(instance, way) {
        if !tasks.is_empty() {
            judged.breaches.push(Breach::NoVisit { route });
        }
        return judged;
    }
    judged.timetable = timetable(instance, vehicle, &tasks);
    let (at_start, after) = loads(instance, orders, &tasks);
    judged.timetable.load = at_start;
    for (visit, load) in judged.timetable.visits.iter_mut().zip(after) {
        visit.load = load;
    }
    let scene = Scene { instance, route, kind: way.kind, vehicle };
    judged.breaches.extend(scene.locked(&way.tasks));
    judged.breaches.extend(scene.abilities(&tasks));
    judged.breaches.extend(scene.breaks(orders, &tasks));
    judged.breaches.extend(scene.pairs(orders, &tasks));
    judged.breaches.extend(scene.lateness(&judged.timetable));
    judged.breaches.extend(scene.overload(&judged.timetable));
    judged.breaches.extend(scene.limits(&judged.timetable));
    judged
}

/// Which route is looked at.
#[derive(Clone, Copy)]
struct Scene<'a> {
    instance: &'a Instance,
    route: usize,
    kind: u32,
    vehicle: &'a VehicleType,
}

impl Scene<'_> {
    /// The first locked task that is not where it is locked.
    fn locked(self, tasks: &[u32]) -> Option<Breach> {
        let mut locked = self.vehicle.locked.iter().enumerate();
        let (position, index) =
            locked.find(|(position, index)| tasks.get(*position) != Some(index))?;
        let task = self.task(*index).number;
        Some(Breach::LockedMoved { route: self.route, task, position })
    }

    fn abilities(self, tasks: &[u32]) -> Vec<Breach> {
        let (route, vehicle) = (self.route, self.vehicle.number);
        let mut breaches = Vec::new();
        for index in tasks {
            let task = self.task(*index);
            for skill in &task.skills {
                if !self.vehicle.skills.contains(skill) {
                    let (task, skill) = (task.number, *skill);
                    breaches.push(Breach::Unskilled { route, task, vehicle, skill });
                }
            }
            if task.only.as_ref().is_some_and(|only| !only.contains(&self.kind)) {
                breaches.push(Breach::NotAllowed { route, task: task.number, vehicle });
            }
        }
        breaches
    }

    /// Breaks of this vehicle that are not taken. Another's are among what it may not do.
    fn breaks(self, orders: &Orders, tasks: &[u32]) -> Vec<Breach> {
        let (route, vehicle) = (self.route, self.vehicle.number);
        let is_ours = |index: &&u32| {
            let only = &self.task(**index).only;
            only.as_ref().is_some_and(|only| only.contains(&self.kind))
        };
        let ours = orders.breaks().iter().filter(is_ours);
        let missing = ours.filter(|index| !tasks.contains(index));
        let breach = |index: &u32| {
            let task = self.task(*index).number;
            Breach::NoBreak { route, task, vehicle }
        };
        missing.map(breach).collect()
    }

    fn pairs(self, orders: &Orders, tasks: &[u32]) -> Vec<Breach> {
        let breach = |(pickup, delivery): (u32, u32)| {
            let (pickup, delivery) = (self.task(pickup).number, self.task(delivery).number);
            Breach::PairReversed { route: self.route, pickup, delivery }
        };
        orders.reversed(tasks).into_iter().map(breach).collect()
    }

    fn lateness(self, timetable: &Timetable) -> Vec<Breach> {
        let route = self.route;
        let mut breaches = Vec::new();
        for visit in &timetable.visits {
            let task = self.task(visit.task);
            let close = task.windows.last().map_or(i64::MIN, |window| window.close);
            if visit.arrival > close {
                let (task, arrival) = (task.number, visit.arrival);
                breaches.push(Breach::Late { route, task, arrival, close });
            }
        }
        let (arrival, close) = (timetable.end, self.vehicle.shift.close);
        if arrival > close {
            breaches.push(Breach::BackLate { route, arrival, close });
        }
        breaches
    }

    /// The most that is aboard at any time, where that is too much.
    fn overload(self, timetable: &Timetable) -> Vec<Breach> {
        let route = self.route;
        let mut breaches = Vec::new();
        for (dimension, capacity) in self.vehicle.capacity.iter().enumerate() {
            let after = timetable.visits.iter().map(|visit| visit.load[dimension]);
            let load = after.fold(timetable.load[dimension], i64::max);
            if load > *capacity {
                let capacity = *capacity;
                breaches.push(Breach::Overloaded { route, dimension, load, capacity });
            }
        }
        breaches
    }

    fn limits(self, timetable: &Timetable) -> Vec<Breach> {
        let is_visit = |task: &StaticTask| task.role == Role::Visit;
        let visits = timetable.visits.iter().filter(|visit| is_visit(self.task(visit.task)));
        let visits = visits.count() as i64;
        let limits = self.vehicle.limits;
        let checks = [
            (Limited::Distance, timetable.distance, limits.distance),
            (Limited::Driving, timetable.driving, limits.driving),
            (Limited::Duty, timetable.duty, limits.duty),
            (Limited::Visits, visits, limits.visits.map(i64::from)),
        ];
        let mut breaches = Vec::new();
        for (what, value, limit) in checks {
            if let Some(limit) = limit.filter(|limit| value > *limit) {
                breaches.push(Breach::BeyondLimit { route: self.route, what, value, limit });
            }
        }
        breaches
    }

    fn task(&self, index: u32) -> &StaticTask {
        &self.instance.tasks[index as usize]
    }
}
