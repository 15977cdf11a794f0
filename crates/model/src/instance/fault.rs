//! The rules of an instance, and every way to break them.

use std::fmt;

use super::{
    Absence, COST_MAX, DIMENSIONS_MAX, Instance, PRICE_MAX, QUANTITY_MAX, Role, SITES_MAX, Span,
    StaticTask, TravelMatrix, UNIT_PRICE_MAX, VehicleType,
};

/// A rule that an instance breaks, with the value that breaks it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceFault {
    #[error("there is no {0}")]
    Nothing(&'static str),
    #[error("{sites} sites; at most {SITES_MAX} can be planned")]
    TooManySites { sites: usize },
    #[error("{what} is {value}; 0 to {max} is allowed")]
    OutOfRange { what: What, value: i64, max: i64 },
    #[error("{what} opens at {} and closes at {}, before it opens", span.open, span.close)]
    Reversed { what: What, span: Span },
    #[error("{what} opens at {open}, not after the one before it closes at {close}")]
    Overlapping { what: What, open: i64, close: i64 },
    #[error("{what} is {index}; there are {count}")]
    NoSuch { what: What, index: u32, count: usize },
    #[error("{what} has {found} dimensions; vehicle type 0 has {expected}")]
    Dimensions { what: What, found: usize, expected: usize },
    #[error("{dimensions} dimensions of load; at most {DIMENSIONS_MAX} can be planned")]
    TooManyDimensions { dimensions: usize },
    #[error("task {number} weighs {load}; no vehicle carries more than {capacity}")]
    TooHeavy { number: u32, load: i64, capacity: i64 },
    #[error("{expected} positions are needed for {expected} sites; there are {found}")]
    Positions { expected: usize, found: usize },
    #[error("travel matrix {profile} has {found} sites; matrix 0 has {expected}")]
    MatrixSizes { profile: usize, found: usize, expected: usize },
    #[error("speed slice {index} of travel matrix {profile} {rule}")]
    Slice { profile: usize, index: usize, rule: &'static str },
    #[error("{what} are not in ascending order")]
    Unordered { what: What },
    #[error("task {number} is in two {what}")]
    InTwo { number: u32, what: &'static str },
    #[error("task {number} {rule}")]
    Task { number: u32, rule: &'static str },
    #[error("vehicle type {kind} {rule}")]
    Vehicle { kind: usize, rule: &'static str },
    #[error("tasks and vehicles could cost {cost} together; at most {COST_MAX} can be added up")]
    TooDear { cost: i128 },
}

/// Which number of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Leg { profile: usize, from: u32, to: u32 },
    TaskSite(u32),
    Service(u32),
    Setup(u32),
    Window(u32),
    SoftWindow(u32),
    SoftPrice(u32),
    Delivery(u32),
    Pickup(u32),
    Skills(u32),
    Only(u32),
    Absence(u32),
    PairTask(usize),
    ChoiceTask(usize),
    Start(usize),
    End(usize),
    Profile(usize),
    Shift(usize),
    Capacity(usize),
    VehicleSkills(usize),
    Price(usize),
    Limit(usize),
    Locked(usize),
    Scale,
    CostScale,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Leg { profile: 0, from, to } => {
                write!(f, "the way from site {from} to site {to}")
            }
            What::Leg { profile, from, to } => {
                write!(f, "the way from site {from} to site {to} of travel matrix {profile}")
            }
            What::TaskSite(number) => write!(f, "the site of task {number}"),
            What::Service(number) => write!(f, "the service duration of task {number}"),
            What::Setup(number) => write!(f, "the setup of task {number}"),
            What::Window(number) => write!(f, "the window of task {number}"),
            What::SoftWindow(number) => write!(f, "the soft window of task {number}"),
            What::SoftPrice(number) => {
                write!(f, "the price of missing the window of task {number}")
            }
            What::Delivery(number) => write!(f, "the load of task {number}"),
            What::Pickup(number) => write!(f, "what is picked up at task {number}"),
            What::Skills(number) => write!(f, "the skills for task {number}"),
            What::Only(number) => write!(f, "the vehicle type for task {number}"),
            What::Absence(number) => write!(f, "the price of leaving out task {number}"),
            What::PairTask(pair) => write!(f, "a task of pair {pair}"),
            What::ChoiceTask(choice) => write!(f, "a task of choice {choice}"),
            What::Start(kind) => write!(f, "the start of vehicle type {kind}"),
            What::End(kind) => write!(f, "the end of vehicle type {kind}"),
            What::Profile(kind) => write!(f, "the travel matrix of vehicle type {kind}"),
            What::Shift(kind) => write!(f, "the shift of vehicle type {kind}"),
            What::Capacity(kind) => write!(f, "the capacity of vehicle type {kind}"),
            What::VehicleSkills(kind) => write!(f, "the skills of vehicle type {kind}"),
            What::Price(kind) => write!(f, "a price of vehicle type {kind}"),
            What::Limit(kind) => write!(f, "a limit of vehicle type {kind}"),
            What::Locked(kind) => write!(f, "a locked task of vehicle type {kind}"),
            What::Scale => f.write_str("the scale"),
            What::CostScale => f.write_str("the scale of costs"),
        }
    }
}

/// More faults than this help nobody.
pub const FAULTS_MAX: usize = 20;

impl Instance {
    /// Every rule it breaks; at most [`FAULTS_MAX`]. A search or a judge may be given an instance only if
    /// there is none. O(sites²).
    pub fn faults(&self) -> Vec<InstanceFault> {
        let mut faults = Faults { list: Vec::new() };
        let sites = self.travel.first().map_or(0, TravelMatrix::sites);
        if sites == 0 {
            faults.add(InstanceFault::Nothing("site"));
        }
        if sites > SITES_MAX {
            faults.add(InstanceFault::TooManySites { sites });
        }
        if self.fleet.is_empty() {
            faults.add(InstanceFault::Nothing("vehicle"));
        }
        let positions = self.positions.points().len();
        if positions != 0 && positions != sites {
            faults.add(InstanceFault::Positions { expected: sites, found: positions });
        }
        for (what, value) in [(What::Scale, self.scale), (What::CostScale, self.cost_scale)] {
            faults.within(what, value, QUANTITY_MAX);
            if value == 0 {
                faults.add(InstanceFault::OutOfRange { what, value, max: QUANTITY_MAX });
            }
        }
        if self.dimensions() > DIMENSIONS_MAX {
            let dimensions = self.dimensions();
            faults.add(InstanceFault::TooManyDimensions { dimensions });
        }
        for task in &self.tasks {
            self.judge_task(task, sites, &mut faults);
        }
        self.judge_orders(&mut faults);
        for (kind, vehicle) in self.fleet.iter().enumerate() {
            self.judge_vehicle(kind, vehicle, sites, &mut faults);
        }
        self.judge_travel(&mut faults);
        // The sum is of numbers in order only.
        if faults.list.is_empty() && self.worst_cost() > i128::from(COST_MAX) {
            faults.add(InstanceFault::TooDear { cost: self.worst_cost() });
        }
        faults.list.truncate(FAULTS_MAX);
        faults.list
    }

    fn judge_task(&self, task: &StaticTask, sites: usize, faults: &mut Faults) {
        let number = task.number;
        faults.quantity(What::Service(number), task.service);
        faults.quantity(What::Setup(number), task.setup);
        if task.windows.is_empty() {
            faults.add(InstanceFault::Task { number, rule: "has no window" });
        }
        for window in &task.windows {
            faults.span(What::Window(number), *window);
        }
        for two in task.windows.windows(2) {
            let (open, close) = (two[1].open, two[0].close);
            if open <= close {
                let what = What::Window(number);
                faults.add(InstanceFault::Overlapping { what, open, close });
            }
        }
        if let Some(soft) = task.soft {
            faults.span(What::SoftWindow(number), soft.span);
            faults.within(What::SoftPrice(number), soft.early, UNIT_PRICE_MAX);
            faults.within(What::SoftPrice(number), soft.late, UNIT_PRICE_MAX);
        }
        faults.ascending(What::Skills(number), &task.skills);
        if let Some(only) = &task.only {
            faults.ascending(What::Only(number), only);
            for kind in only {
                faults.index(What::Only(number), *kind, self.fleet.len());
            }
        }
        if let Absence::Price(price) = task.absence {
            faults.within(What::Absence(number), price, PRICE_MAX);
        }
        faults.index(What::TaskSite(number), task.site, sites);
        self.judge_loads(task, faults);
        self.judge_role(task, faults);
    }

    fn judge_loads(&self, task: &StaticTask, faults: &mut Faults) {
        let (number, expected) = (task.number, self.dimensions());
        let loads =
            [(What::Delivery(number), &task.delivery), (What::Pickup(number), &task.pickup)];
        for (what, load) in loads {
            // Who brings or takes nothing need not say it by dimension.
            if !load.is_empty() && load.len() != expected {
                faults.add(InstanceFault::Dimensions { what, found: load.len(), expected });
            }
            for (dimension, load) in load.iter().enumerate() {
                faults.quantity(what, *load);
                let room = |vehicle: &VehicleType| vehicle.capacity.get(dimension).copied();
                let capacity = self.fleet.iter().filter_map(room).max().unwrap_or(0);
                if *load > capacity {
                    faults.add(InstanceFault::TooHeavy { number, load: *load, capacity });
                }
            }
        }
    }

    fn judge_role(&self, task: &StaticTask, faults: &mut Faults) {
        let number = task.number;
        if task.role == Role::Visit {
            return;
        }
        if task.delivery.iter().chain(&task.pickup).any(|load| *load != 0) {
            let rule = "is a break or a reload, which brings and takes nothing of its own";
            faults.add(InstanceFault::Task { number, rule });
        }
        if task.role == Role::Break {
            let only = task.only.as_deref().unwrap_or(&[]);
            let single = |kind: &u32| self.fleet.get(*kind as usize).is_some_and(|v| v.count == 1);
            if only.len() != 1 || !only.iter().all(single) {
                let rule = "is a break, which belongs to one vehicle type with one vehicle";
                faults.add(InstanceFault::Task { number, rule });
            }
        }
    }

    fn judge_orders(&self, faults: &mut Faults) {
        let count = self.tasks.len();
        let mut in_pair = vec![false; count];
        for (number, pair) in self.pairs.iter().enumerate() {
            for index in [pair.pickup, pair.delivery] {
                if faults.index(What::PairTask(number), index, count) {
                    self.once(index, "pairs", &mut in_pair, faults);
                }
            }
            let (pickup, delivery) =
                (self.tasks.get(pair.pickup as usize), self.tasks.get(pair.delivery as usize));
            if let (Some(pickup), Some(delivery)) = (pickup, delivery) {
                let nothing = |load: &[i64]| load.iter().all(|load| *load == 0);
                if pickup.pickup != delivery.delivery
                    || !nothing(&pickup.delivery)
                    || !nothing(&delivery.pickup)
                {
                    let rule = "is the pickup of a pair that delivers another load";
                    faults.add(InstanceFault::Task { number: pickup.number, rule });
                }
            }
        }
        let mut delivers = vec![false; count];
        for pair in self.pairs.iter().filter(|pair| (pair.delivery as usize) < count) {
            delivers[pair.delivery as usize] = true;
        }
        let mut in_choice = vec![false; count];
        for (number, choice) in self.choices.iter().enumerate() {
            for index in choice {
                if faults.index(What::ChoiceTask(number), *index, count) {
                    self.once(*index, "choices", &mut in_choice, faults);
                    if delivers[*index as usize] {
                        let number = self.tasks[*index as usize].number;
                        let rule = "is in a choice as the delivery of a pair, not its pickup";
                        faults.add(InstanceFault::Task { number, rule });
                    }
                }
            }
        }
        for (index, task) in self.tasks.iter().enumerate() {
            if task.role != Role::Visit && (in_pair[index] || in_choice[index]) {
                let rule = "is a break or a reload, and neither can be in a pair or a choice";
                faults.add(InstanceFault::Task { number: task.number, rule });
            }
        }
    }

    fn once(&self, index: u32, what: &'static str, seen: &mut [bool], faults: &mut Faults) {
        if std::mem::replace(&mut seen[index as usize], true) {
            let number = self.tasks[index as usize].number;
            faults.add(InstanceFault::InTwo { number, what });
        }
    }

    fn judge_vehicle(&self, kind: usize, vehicle: &VehicleType, sites: usize, faults: &mut Faults) {
        for (what, site) in [(What::Start(kind), vehicle.start), (What::End(kind), vehicle.end)] {
            if let Some(site) = site {
                faults.index(what, site, sites);
            }
        }
        faults.index(What::Profile(kind), vehicle.profile, self.travel.len());
        faults.span(What::Shift(kind), vehicle.shift);
        let (found, expected) = (vehicle.capacity.len(), self.dimensions());
        if found != expected {
            let what = What::Capacity(kind);
            faults.add(InstanceFault::Dimensions { what, found, expected });
        }
        for capacity in &vehicle.capacity {
            faults.quantity(What::Capacity(kind), *capacity);
        }
        faults.ascending(What::VehicleSkills(kind), &vehicle.skills);
        let prices = vehicle.prices;
        faults.within(What::Price(kind), prices.fixed, PRICE_MAX);
        let overtime = prices.overtime.map_or(0, |overtime| overtime.price);
        for price in [prices.distance, prices.driving, prices.duty, overtime] {
            faults.within(What::Price(kind), price, UNIT_PRICE_MAX);
        }
        let limits = vehicle.limits;
        let after = prices.overtime.map(|overtime| overtime.after);
        for limit in [limits.distance, limits.driving, limits.duty, after].into_iter().flatten() {
            // A route's way may be longer than any one leg of it.
            faults.within(What::Limit(kind), limit, PRICE_MAX);
        }
        for index in &vehicle.locked {
            faults.index(What::Locked(kind), *index, self.tasks.len());
        }
        if !vehicle.locked.is_empty() && vehicle.count != 1 {
            let rule = "has locked tasks, and not exactly one vehicle";
            faults.add(InstanceFault::Vehicle { kind, rule });
        }
    }

    fn judge_travel(&self, faults: &mut Faults) {
        let expected = self.travel.first().map_or(0, TravelMatrix::sites);
        for (profile, matrix) in self.travel.iter().enumerate() {
            let found = matrix.sites();
            if found != expected {
                faults.add(InstanceFault::MatrixSizes { profile, found, expected });
            }
            let own = matrix.has_own_durations().then(|| matrix.durations());
            for table in std::iter::once(matrix.distances()).chain(own) {
                let wrong = table.iter().enumerate();
                let wrong =
                    wrong.filter(|(_, leg)| !(0..=QUANTITY_MAX).contains(&i64::from(**leg)));
                for (index, leg) in wrong.take(FAULTS_MAX) {
                    let (from, to) = ((index / found) as u32, (index % found) as u32);
                    let what = What::Leg { profile, from, to };
                    faults.quantity(what, i64::from(*leg));
                }
            }
            judge_slices(profile, matrix, faults);
        }
    }

    /// More than any plan of it can cost.
    fn worst_cost(&self) -> i128 {
        let longest = |legs: &[i32]| legs.iter().max().copied().map_or(0, i128::from);
        let distance = self.travel.iter().map(|matrix| longest(matrix.distances())).max();
        let time = i128::from(QUANTITY_MAX);
        let price =
            |of: fn(&VehicleType) -> i64| i128::from(self.fleet.iter().map(of).max().unwrap_or(0));
        let legs = 2 * self.tasks.len() as i128 + 2;
        let way = (price(|vehicle| vehicle.prices.distance) + 1) * distance.unwrap_or(0);
        let hours = price(|vehicle| vehicle.prices.driving)
            + price(|vehicle| vehicle.prices.duty)
            + price(|vehicle| vehicle.prices.overtime.map_or(0, |overtime| overtime.price));
        let vehicle = price(|vehicle| vehicle.prices.fixed);
        let of_task = |task: &StaticTask| {
            let absence = match task.absence {
                Absence::Weight(_) => 0,
                Absence::Price(price) => i128::from(price),
            };
            let soft = task.soft.map_or(0, |soft| i128::from(soft.early.max(soft.late)));
            absence + soft * time
        };
        let tasks: i128 = self.tasks.iter().map(of_task).sum();
        // Nothing is later than a shift's close.
        legs * way + (legs / 2) * (vehicle + hours * time) + tasks
    }
}

fn judge_slices(profile: usize, matrix: &TravelMatrix, faults: &mut Faults) {
    for (index, slice) in matrix.slices().iter().enumerate() {
        let mut add = |rule| faults.add(InstanceFault::Slice { profile, index, rule });
        if !(0..=QUANTITY_MAX).contains(&slice.from) {
            add("does not begin in the range of times");
        }
        if !(1..=1_000_000).contains(&slice.permille) {
            add("has a speed that is not from 1 to 1,000,000 thousandths");
        }
        if index > 0 && matrix.slices()[index - 1].from >= slice.from {
            add("does not begin after the one before");
        }
    }
}

/// Faults found so far; after [`FAULTS_MAX`] the rest is not kept.
struct Faults {
    list: Vec<InstanceFault>,
}

impl Faults {
    fn add(&mut self, fault: InstanceFault) {
        if self.list.len() < FAULTS_MAX {
            self.list.push(fault);
        }
    }

    fn within(&mut self, what: What, value: i64, max: i64) {
        if !(0..=max).contains(&value) {
            self.add(InstanceFault::OutOfRange { what, value, max });
        }
    }

    fn quantity(&mut self, what: What, value: i64) {
        self.within(what, value, QUANTITY_MAX);
    }

    fn span(&mut self, what: What, span: Span) {
        self.quantity(what, span.open);
        self.quantity(what, span.close);
        if span.close < span.open {
            self.add(InstanceFault::Reversed { what, span });
        }
    }

    /// Whether there is such an index.
    fn index(&mut self, what: What, index: u32, count: usize) -> bool {
        let is_there = (index as usize) < count;
        if !is_there {
            self.add(InstanceFault::NoSuch { what, index, count });
        }
        is_there
    }

    fn ascending(&mut self, what: What, numbers: &[u32]) {
        if !numbers.is_sorted_by(|one, next| one < next) {
            self.add(InstanceFault::Unordered { what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Pair;

    fn two_tasks() -> Instance {
        let task = |number: u32| StaticTask {
            number,
            site: number,
            service: 10,
            windows: vec![Span { open: 0, close: 100 }],
            delivery: vec![1],
            ..StaticTask::default()
        };
        Instance {
            name: "two".to_owned(),
            scale: 10,
            cost_scale: 1,
            travel: vec![TravelMatrix::new(vec![0, 1, 2, 1, 0, 3, 2, 3, 0]).expect("a square")],
            tasks: vec![task(1), task(2)],
            fleet: vec![VehicleType { capacity: vec![2], ..VehicleType::default() }],
            ..Instance::default()
        }
    }

    fn said(instance: &Instance) -> Vec<String> {
        instance.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_instance_in_order_has_no_faults() {
        assert_eq!(two_tasks().faults(), []);
    }

    #[test]
    fn every_fault_is_named_with_its_value() {
        let mut wrong = two_tasks();
        wrong.tasks[0].windows = vec![Span { open: 7, close: 6 }];
        wrong.tasks[0].delivery = vec![-1];
        wrong.tasks[1].delivery = vec![3];
        wrong.tasks[1].site = 9;
        wrong.fleet[0].end = Some(3);
        let expected = [
            "the window of task 1 opens at 7 and closes at 6, before it opens",
            "the load of task 1 is -1; 0 to 268435456 is allowed",
            "the site of task 2 is 9; there are 3",
            "task 2 weighs 3; no vehicle carries more than 2",
            "the end of vehicle type 0 is 3; there are 3",
        ];
        assert_eq!(said(&wrong), expected);
    }

    #[test]
    fn a_leg_below_zero_is_a_fault() {
        let mut wrong = two_tasks();
        wrong.travel = vec![TravelMatrix::new(vec![0, -5, 2, 1, 0, 3, 2, 3, 0]).expect("a square")];
        assert_eq!(
            said(&wrong),
            ["the way from site 0 to site 1 is -5; 0 to 268435456 is allowed"]
        );
    }

    #[test]
    fn pairs_choices_and_breaks_have_rules_too() {
        let mut wrong = two_tasks();
        wrong.tasks.push(StaticTask { number: 3, role: Role::Break, ..StaticTask::default() });
        wrong.pairs = vec![Pair { pickup: 0, delivery: 1 }, Pair { pickup: 1, delivery: 7 }];
        wrong.choices = vec![vec![1, 2]];
        let expected = [
            "task 3 is a break, which belongs to one vehicle type with one vehicle",
            "task 1 is the pickup of a pair that delivers another load",
            "task 2 is in two pairs",
            "a task of pair 1 is 7; there are 3",
            "task 2 is in a choice as the delivery of a pair, not its pickup",
            "task 3 is a break or a reload, and neither can be in a pair or a choice",
        ];
        assert_eq!(said(&wrong), expected);
    }

    #[test]
    fn what_cannot_be_added_up_is_refused() {
        let mut wrong = two_tasks();
        wrong.fleet[0].prices.fixed = PRICE_MAX;
        wrong.fleet[0].prices.duty = UNIT_PRICE_MAX;
        assert_eq!(said(&wrong), Vec::<String>::new());
        wrong.tasks = vec![wrong.tasks[0].clone(); 300];
        assert_eq!(wrong.faults().len(), 1);
        assert!(said(&wrong)[0].starts_with("tasks and vehicles could cost "), "{wrong:?}");
    }
}
