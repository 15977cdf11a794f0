//! When a route does what.

use swerve_model::instance::{Instance, Role, StaticTask, TravelMatrix, VehicleType};

/// A route with its moments, in the instance's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timetable {
    /// When the vehicle leaves, and when the route is over.
    pub start: i64,
    pub end: i64,
    /// Breaks and reloads too.
    pub visits: Vec<Visit>,
    /// Aboard when the vehicle leaves, by dimension.
    pub load: Vec<i64>,
    pub distance: i64,
    /// Time on the way, without waiting.
    pub driving: i64,
    /// From the start to the end.
    pub duty: i64,
}

/// One task of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// Index into the instance's tasks.
    pub task: u32,
    pub arrival: i64,
    /// When setup and service begin; the vehicle waits until then.
    pub begin: i64,
    pub depart: i64,
    /// From the start of the route to here.
    pub distance: i64,
    pub driving: i64,
    /// Aboard after it, by dimension.
    pub load: Vec<i64>,
}

/// The timetable of a route with at least one visit, without loads. All of `tasks` are of the instance.
///
/// O(tasks · log(duration)).
pub(super) fn timetable(instance: &Instance, vehicle: &VehicleType, tasks: &[u32]) -> Timetable {
    let route = Driven { instance, vehicle, tasks };
    route.leaving(route.departure())
}

#[derive(Clone, Copy)]
struct Driven<'a> {
    instance: &'a Instance,
    vehicle: &'a VehicleType,
    tasks: &'a [u32],
}

impl Driven<'_> {
    /// As late as it can without doing harm; as the shift opens if that is too late already.
    ///
    /// Who leaves later does nothing earlier, so once a departure is too late all later ones are.
    fn departure(self) -> i64 {
        let at_once = self.leaving(self.vehicle.shift.open);
        if !self.is_in_time(&at_once) {
            return at_once.start;
        }
        let (mut harmless, mut too_late) = (at_once.start, at_once.end + 1);
        while too_late - harmless > 1 {
            let departure = harmless + (too_late - harmless) / 2;
            if self.is_harmless(&self.leaving(departure), &at_once) {
                harmless = departure;
            } else {
                too_late = departure;
            }
        }
        harmless
    }

    fn is_harmless(self, later: &Timetable, at_once: &Timetable) -> bool {
        let is_soft_kept = |(later, at_once): (&Visit, &Visit)| {
            let soft = self.task(later.task).soft;
            soft.is_none_or(|soft| later.begin <= soft.span.close.max(at_once.begin))
        };
        later.end <= at_once.end
            && self.is_in_time(later)
            && later.visits.iter().zip(&at_once.visits).all(is_soft_kept)
    }

    /// Every task is reached before its last window has closed.
    fn is_in_time(self, timetable: &Timetable) -> bool {
        timetable.visits.iter().all(|visit| self.task(visit.task).begin(visit.arrival).is_some())
    }

    fn leaving(self, departure: i64) -> Timetable {
        let travel = &self.instance.travel[self.vehicle.profile as usize];
        let place = self.vehicle.start;
        let mut way = Way { travel, place, now: departure, distance: 0, driving: 0 };
        let visits = self.tasks.iter().map(|index| way.visit(*index, self.task(*index))).collect();
        if let Some(end) = self.vehicle.end {
            way.go_to(end);
        }
        let Way { now, distance, driving, .. } = way;
        let duty = now - departure;
        Timetable { start: departure, end: now, visits, load: Vec::new(), distance, driving, duty }
    }

    fn task(&self, index: u32) -> &StaticTask {
        &self.instance.tasks[index as usize]
    }
}

/// How far a vehicle has come.
struct Way<'a> {
    travel: &'a TravelMatrix,
    /// `None` until the first place of a route that starts wherever that is.
    place: Option<u32>,
    now: i64,
    distance: i64,
    driving: i64,
}

impl Way<'_> {
    fn go_to(&mut self, site: u32) {
        if let Some(from) = self.place {
            let arrival = self.travel.arrival(from, site, self.now);
            self.distance += self.travel.distance(from, site);
            self.driving += arrival - self.now;
            self.now = arrival;
        }
        self.place = Some(site);
    }

    fn visit(&mut self, index: u32, task: &StaticTask) -> Visit {
        let mut busy = task.service;
        if task.role != Role::Break {
            if self.place.is_some_and(|place| place != task.site) {
                busy += task.setup;
            }
            self.go_to(task.site);
        }
        let arrival = self.now;
        // Too late already: the judge says so, and the route goes on.
        let begin = task.begin(arrival).unwrap_or(arrival);
        self.now = begin + busy;
        Visit {
            task: index,
            arrival,
            begin,
            depart: self.now,
            distance: self.distance,
            driving: self.driving,
            load: Vec::new(),
        }
    }
}
