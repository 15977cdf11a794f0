//! Random static instances, for the tests of all who read them.
//!
//! Here rather than in one crate's tests, since the judge and the search are tried on the same ones and
//! may not know each other; behind a feature, since nothing but tests needs them.
//!
//! Numbers are small, so that rules meet: windows close while a route is on its way, two loads fit and
//! three do not. An instance may have no solution that serves everything, or, with locked tasks, none.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{
    Absence, Instance, Limits, Objective, Overtime, Pair, Role, SoftWindow, Span, SpeedSlice,
    StaticTask, TravelMatrix, VehiclePrices, VehicleType,
};

/// What an instance may have beyond the plain problem: one window, one load, vehicles alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    SeveralWindows,
    SoftWindows,
    Setup,
    Pickups,
    Dimensions,
    Pairs,
    Choices,
    Breaks,
    Reloads,
    Absences,
    Skills,
    Only,
    Fleet,
    OpenStarts,
    OpenEnds,
    Prices,
    Overtime,
    Limits,
    Locked,
    Asymmetry,
    Durations,
    Profiles,
    Slices,
}

pub const FEATURES: [Feature; 23] = [
    Feature::SeveralWindows,
    Feature::SoftWindows,
    Feature::Setup,
    Feature::Pickups,
    Feature::Dimensions,
    Feature::Pairs,
    Feature::Choices,
    Feature::Breaks,
    Feature::Reloads,
    Feature::Absences,
    Feature::Skills,
    Feature::Only,
    Feature::Fleet,
    Feature::OpenStarts,
    Feature::OpenEnds,
    Feature::Prices,
    Feature::Overtime,
    Feature::Limits,
    Feature::Locked,
    Feature::Asymmetry,
    Feature::Durations,
    Feature::Profiles,
    Feature::Slices,
];

/// None of them, one, a few or many, in order.
pub fn features() -> impl Strategy<Value = Vec<Feature>> {
    prop_oneof![
        1 => Just(Vec::new()),
        4 => select(&FEATURES[..]).prop_map(|feature| vec![feature]),
        4 => subsequence(&FEATURES[..], 2..=4),
        4 => subsequence(&FEATURES[..], 5..=FEATURES.len()),
    ]
}

/// Without faults, with so many tasks, breaks and reloads included.
pub fn instances(tasks: RangeInclusive<usize>) -> impl Strategy<Value = Instance> {
    features().prop_flat_map(move |features| instances_with(features, tasks.clone()))
}

/// Small enough to try every solution.
pub fn tiny_instances() -> impl Strategy<Value = Instance> {
    instances(1..=6)
}

/// The same with chosen features.
pub fn instances_with(
    features: Vec<Feature>,
    tasks: RangeInclusive<usize>,
) -> impl Strategy<Value = Instance> {
    // More than is ever drawn.
    let rolls = 200 + 40 * *tasks.end();
    (tasks, prop::collection::vec(any::<u32>(), rolls)).prop_map(move |(tasks, rolls)| {
        let mut draw = Draw { features: &features, rolls: rolls.into_iter() };
        draw.instance(tasks)
    })
}

pub fn objectives() -> impl Strategy<Value = Objective> {
    select(&[Objective::Distance, Objective::Vehicles, Objective::Cost][..])
}

/// Turns rolls of dice into an instance. Smaller rolls make a simpler one, so that proptest's shrinking
/// goes the right way.
struct Draw<'a> {
    features: &'a [Feature],
    rolls: std::vec::IntoIter<u32>,
}

/// What tells vehicles apart; with any of these there are several types.
const OF_VEHICLES: [Feature; 8] = [
    Feature::Breaks,
    Feature::Skills,
    Feature::Only,
    Feature::Fleet,
    Feature::Prices,
    Feature::Limits,
    Feature::Locked,
    Feature::Profiles,
];

/// By then nearly everything is over.
const DAY: i64 = 200;

impl Draw<'_> {
    fn up_to(&mut self, max: i64) -> i64 {
        i64::from(self.rolls.next().unwrap_or(0)) % (max + 1)
    }

    fn one_in(&mut self, sides: i64) -> bool {
        self.up_to(sides - 1) == sides - 1
    }

    /// Whether the feature is wanted, and the dice too.
    fn has(&mut self, feature: Feature, sides: i64) -> bool {
        self.features.contains(&feature) && self.one_in(sides)
    }

    fn instance(&mut self, count: usize) -> Instance {
        let sites = 1 + self.up_to(count as i64).max(1) as usize;
        let dimensions = if self.features.contains(&Feature::Dimensions) { 2 } else { 1 };
        let mut instance = Instance {
            name: "random".to_owned(),
            scale: 1,
            cost_scale: 1,
            travel: self.travel(sites),
            ..Instance::default()
        };
        let is_varied = OF_VEHICLES.iter().any(|feature| self.features.contains(feature));
        let kinds = if is_varied { 1 + self.up_to(2) } else { 1 };
        for kind in 0..kinds {
            let vehicle = self.vehicle(kind as u32, sites, instance.travel.len(), dimensions);
            instance.fleet.push(vehicle);
        }
        let capacities: Vec<i64> = (0..dimensions)
            .map(|dimension| instance.fleet.iter().map(|v| v.capacity[dimension]).max())
            .map(|most| most.unwrap_or(0))
            .collect();
        for number in 1..=count as u32 {
            let task = self.task(number, sites, &capacities, instance.fleet.len());
            instance.tasks.push(task);
        }
        // The first stays a visit, or there would be nothing to plan.
        for index in 1..count {
            self.give_role(&mut instance, index);
        }
        self.pair_up(&mut instance);
        self.offer_choices(&mut instance);
        self.lock(&mut instance);
        instance
    }

    fn travel(&mut self, sites: usize) -> Vec<TravelMatrix> {
        let places: Vec<(i64, i64)> =
            (0..sites).map(|_| (self.up_to(12), self.up_to(12))).collect();
        let profiles = if self.features.contains(&Feature::Profiles) { 2 } else { 1 };
        (0..profiles).map(|profile| self.matrix(&places, profile)).collect()
    }

    fn matrix(&mut self, places: &[(i64, i64)], profile: i64) -> TravelMatrix {
        let leg = |(from, to): ((i64, i64), (i64, i64))| {
            ((from.0 - to.0).abs() + (from.1 - to.1).abs()) * (1 + profile)
        };
        let pairs = || places.iter().flat_map(|from| places.iter().map(|to| (*from, *to)));
        let mut distances: Vec<i32> = pairs().map(|pair| leg(pair) as i32).collect();
        if self.has(Feature::Asymmetry, 1) {
            self.upset(&mut distances, places.len());
        }
        let mut durations = distances.clone();
        let matrix = TravelMatrix::new(distances).expect("rows as long as they are many");
        let matrix = if self.has(Feature::Durations, 1) {
            self.upset(&mut durations, places.len());
            matrix.with_durations(durations).expect("as many as distances")
        } else {
            matrix
        };
        if self.has(Feature::Slices, 1) { matrix.with_slices(self.slices()) } else { matrix }
    }

    /// Makes legs longer by something, without any order; never from a site to itself.
    fn upset(&mut self, legs: &mut [i32], sites: usize) {
        let mut seed = self.up_to(1000) as usize;
        for (index, leg) in legs.iter_mut().enumerate() {
            seed = (seed * 75 + 74) % 65537;
            if index / sites != index % sites {
                *leg += (seed % 9) as i32;
            }
        }
    }

    fn slices(&mut self) -> Vec<SpeedSlice> {
        let mut from = 0;
        let mut slices = Vec::new();
        for _ in 0..=self.up_to(3) {
            from += self.up_to(40);
            let permille = [1000, 500, 2000, 333, 1300][self.up_to(4) as usize];
            slices.push(SpeedSlice { from, permille });
            from += 1;
        }
        slices
    }

    fn vehicle(
        &mut self,
        number: u32,
        sites: usize,
        profiles: usize,
        dimensions: usize,
    ) -> VehicleType {
        let mut vehicle = VehicleType {
            number,
            shift: Span { open: 0, close: DAY },
            capacity: (0..dimensions).map(|_| 4 + self.up_to(4)).collect(),
            profile: self.up_to(profiles as i64 - 1) as u32,
            prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
            ..VehicleType::default()
        };
        if self.has(Feature::Fleet, 2) {
            vehicle.start = Some(self.up_to(sites as i64 - 1) as u32);
            vehicle.end = Some(self.up_to(sites as i64 - 1) as u32);
            vehicle.shift.open = self.up_to(50);
            vehicle.shift.close = 60 + self.up_to(100);
        }
        if self.has(Feature::Fleet, 2) || self.one_in(3) {
            vehicle.count = 1 + self.up_to(2) as u32;
        }
        // Breaks and locked tasks belong to a vehicle that is the only one of its type; and where there
        // are enough vehicles, none reloads.
        let singles = [(Feature::Breaks, 1), (Feature::Locked, 1), (Feature::Reloads, 2)];
        if singles.map(|(feature, sides)| self.has(feature, sides)).contains(&true) {
            vehicle.count = 1;
        }
        if self.has(Feature::OpenStarts, 2) {
            vehicle.start = None;
        }
        if self.has(Feature::OpenEnds, 2) {
            vehicle.end = None;
        }
        if self.features.contains(&Feature::Skills) {
            vehicle.skills = self.subset(3);
        }
        self.price(&mut vehicle.prices);
        if self.features.contains(&Feature::Limits) {
            vehicle.limits = self.limits();
        }
        vehicle
    }

    fn price(&mut self, prices: &mut VehiclePrices) {
        if self.features.contains(&Feature::Prices) {
            prices.fixed = self.up_to(60);
            prices.distance = self.up_to(3);
            prices.driving = self.up_to(3);
            prices.duty = self.up_to(2);
        }
        if self.has(Feature::Overtime, 1) {
            let (after, price) = (self.up_to(80), 1 + self.up_to(5));
            prices.overtime = Some(Overtime { after, price });
        }
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        match self.up_to(4) {
            0 => limits.visits = Some(1 + self.up_to(3) as u32),
            1 => limits.distance = Some(20 + self.up_to(60)),
            2 => limits.driving = Some(20 + self.up_to(60)),
            3 => limits.duty = Some(20 + self.up_to(80)),
            _ => {
                limits.distance = Some(30 + self.up_to(60));
                limits.driving = Some(30 + self.up_to(60));
                limits.duty = Some(30 + self.up_to(80));
                limits.visits = Some(1 + self.up_to(4) as u32);
            }
        }
        limits
    }

    fn task(&mut self, number: u32, sites: usize, most: &[i64], kinds: usize) -> StaticTask {
        let mut task = StaticTask {
            number,
            site: self.up_to(sites as i64 - 1) as u32,
            service: self.up_to(6),
            windows: self.windows(),
            delivery: most.iter().map(|most| self.up_to(3).min(*most)).collect(),
            ..StaticTask::default()
        };
        if self.has(Feature::Setup, 1) {
            task.setup = self.up_to(6);
        }
        if self.has(Feature::SoftWindows, 2) {
            let open = self.up_to(100);
            let span = Span { open, close: open + self.up_to(30) };
            let (early, late) = (self.up_to(3), self.up_to(3));
            task.soft = Some(SoftWindow { span, early, late });
        }
        if self.has(Feature::Pickups, 1) {
            task.pickup = most.iter().map(|most| self.up_to(3).min(*most)).collect();
            if self.one_in(2) {
                task.delivery = Vec::new();
            }
        }
        if self.has(Feature::Skills, 2) {
            task.skills = self.subset(2);
        }
        if self.has(Feature::Only, 2) {
            let mut only = self.subset(kinds as i64);
            // For nobody would be for a break or what is left out anyway.
            if only.is_empty() {
                only.push(self.up_to(kinds as i64 - 1) as u32);
            }
            task.only = Some(only);
        }
        if self.features.contains(&Feature::Absences) {
            task.absence = match self.up_to(2) {
                0 => Absence::Weight(1 + self.up_to(3) as u32),
                _ => Absence::Price(self.up_to(50)),
            };
        }
        task
    }

    fn windows(&mut self) -> Vec<Span> {
        if !self.one_in(2) {
            return vec![Span { open: 0, close: DAY }];
        }
        let count =
            if self.features.contains(&Feature::SeveralWindows) { 1 + self.up_to(2) } else { 1 };
        let mut windows = Vec::new();
        let mut open = self.up_to(80);
        for _ in 0..count {
            let close = open + self.up_to(30);
            windows.push(Span { open, close });
            open = close + 1 + self.up_to(20);
        }
        windows
    }

    /// Of the numbers below `count`, in ascending order.
    fn subset(&mut self, count: i64) -> Vec<u32> {
        (0..count as u32).filter(|_| self.one_in(2)).collect()
    }

    /// Makes a visit a break or a reload, if that is wanted.
    fn give_role(&mut self, instance: &mut Instance, index: usize) {
        let kind = self.up_to(instance.fleet.len() as i64 - 1) as u32;
        let is_break = self.has(Feature::Breaks, 3);
        let is_reload = !is_break && self.has(Feature::Reloads, 3);
        if !is_break && !is_reload {
            return;
        }
        let task = &mut instance.tasks[index];
        (task.delivery, task.pickup, task.skills) = (Vec::new(), Vec::new(), Vec::new());
        task.role = if is_break { Role::Break } else { Role::Reload };
        if is_break {
            task.only = Some(vec![kind]);
        } else {
            task.site = 0;
        }
    }

    fn pair_up(&mut self, instance: &mut Instance) {
        let visits = visits(instance);
        for two in visits.chunks_exact(2) {
            if !self.has(Feature::Pairs, 2) {
                continue;
            }
            let (pickup, delivery) =
                if self.one_in(2) { (two[1], two[0]) } else { (two[0], two[1]) };
            let load = std::mem::take(&mut instance.tasks[pickup as usize].delivery);
            instance.tasks[delivery as usize].delivery.clone_from(&load);
            instance.tasks[delivery as usize].pickup = Vec::new();
            instance.tasks[pickup as usize].pickup = load;
            instance.pairs.push(Pair { pickup, delivery });
        }
    }

    fn offer_choices(&mut self, instance: &mut Instance) {
        let is_delivery = |index: &u32| instance.pairs.iter().any(|pair| pair.delivery == *index);
        let mut left: Vec<u32> =
            visits(instance).into_iter().filter(|index| !is_delivery(index)).collect();
        while left.len() >= 2 && self.has(Feature::Choices, 2) {
            let count = left.len().min(2 + self.up_to(1) as usize);
            instance.choices.push(left.split_off(left.len() - count));
        }
    }

    /// A visit or two that a vehicle may do, a pickup before its delivery.
    fn lock(&mut self, instance: &mut Instance) {
        if !self.features.contains(&Feature::Locked) {
            return;
        }
        let kind = self.up_to(instance.fleet.len() as i64 - 1) as usize;
        let vehicle = &instance.fleet[kind];
        let may = |index: &u32| {
            let task = &instance.tasks[*index as usize];
            task.skills.iter().all(|skill| vehicle.skills.contains(skill))
                && task.only.as_ref().is_none_or(|only| only.contains(&(kind as u32)))
                && !instance.pairs.iter().any(|pair| pair.delivery == *index)
                // One of a choice at most.
                && !instance.choices.iter().any(|choice| choice[1..].contains(index))
        };
        let mut locked: Vec<u32> = visits(instance).into_iter().filter(may).collect();
        locked.truncate(1 + self.up_to(1) as usize);
        if self.one_in(2) {
            locked.reverse();
        }
        instance.fleet[kind].locked = locked;
    }
}

fn visits(instance: &Instance) -> Vec<u32> {
    let is_visit = |index: &u32| instance.tasks[*index as usize].role == Role::Visit;
    (0..instance.tasks.len() as u32).filter(is_visit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest! {
        #[test]
        fn a_random_instance_has_no_faults(instance in instances(1..=40)) {
            prop_assert_eq!(instance.faults(), []);
        }

        #[test]
        fn a_tiny_instance_with_everything_has_no_faults(
            instance in instances_with(FEATURES.to_vec(), 1..=6)
        ) {
            prop_assert_eq!(instance.faults(), []);
        }
    }
}
