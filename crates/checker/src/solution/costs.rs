//! What a solution costs.

use std::ops::{Add, AddAssign};

use swerve_model::instance::{
    Instance, Objective, StaticRoute, StaticTask, VehiclePrices, VehicleType,
};

use super::Timetable;

/// A sum that solutions against all rules cannot overflow either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost(i128);

impl Cost {
    /// What the route of this timetable costs under the objective, with what it pays for soft windows.
    /// A route that is not driven costs nothing.
    pub(super) fn of_route(
        instance: &Instance,
        objective: Objective,
        route: &StaticRoute,
        timetable: &Timetable,
    ) -> Cost {
        let Some(vehicle) = instance.fleet.get(route.kind as usize) else { return Cost(0) };
        if timetable.visits.is_empty() {
            return Cost(0);
        }
        let way = match objective {
            Objective::Distance | Objective::Vehicles => timetable.distance.into(),
            Objective::Cost => paid(vehicle, timetable),
        };
        let missed = timetable.visits.iter().map(|visit| {
            let task = &instance.tasks[visit.task as usize];
            missed(task, visit.begin)
        });
        Cost(way + missed.sum::<i128>())
    }

    pub(super) fn sum(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl From<i64> for Cost {
    fn from(cost: i64) -> Cost {
        Cost(cost.into())
    }
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, more: Cost) -> Cost {
        Cost(self.0 + more.0)
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, more: Cost) {
        *self = *self + more;
    }
}

/// What a used vehicle is paid.
fn paid(vehicle: &VehicleType, timetable: &Timetable) -> i128 {
    let VehiclePrices { fixed, distance, driving, duty, overtime } = vehicle.prices;
    let overtime = overtime
        .map_or(0, |overtime| times((timetable.duty - overtime.after).max(0), overtime.price));
    i128::from(fixed)
        + times(timetable.distance, distance)
        + times(timetable.driving, driving)
        + times(timetable.duty, duty)
        + overtime
}

/// The price of beginning outside the soft window.
fn missed(task: &StaticTask, begin: i64) -> i128 {
    task.soft.map_or(0, |soft| {
        times((soft.span.open - begin).max(0), soft.early)
            + times((begin - soft.span.close).max(0), soft.late)
    })
}

fn times(units: i64, price: i64) -> i128 {
    i128::from(units) * i128::from(price)
}
