//! Change files: a plan that stands, and customers that ask for something else, as JSON.
//!
//! `instance` names the instance, `base` has the routes as customer numbers, and each of `changes` a
//! customer with its new `x`, `y`, `demand`, `ready`, `due` and `service`, in units of the instance's file.
//! A customer beyond the last is a new one. Changed customers are on no route of the base; everyone else
//! is on one. Distances are those of Solomon's format, the only one that such files are made for.

use serde::Deserialize;
use swerve_model::Planar;
use swerve_model::instance::{
    FAULTS_MAX, Instance, InstanceFault, Positions, Span, StaticRoute, StaticTask,
};

use super::number::{coordinate, scaled, whole};
use super::solomon;

/// Why a text tells of no changes to an instance.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// No JSON, or not of this form; says the line and the column.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
    /// In the order of the file, at most [`FAULTS_MAX`].
    #[error("{}", .0.join("; "))]
    Faults(Vec<String>),
}

/// A file as it is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Changes {
    /// The name of the instance that is changed.
    pub instance: String,
    /// What kind of changes, for reports.
    pub kind: String,
    /// Which of that kind.
    pub seed: u64,
    base: Vec<Vec<u32>>,
    #[serde(rename = "changes")]
    wanted: Vec<Changed>,
}

#[derive(Clone, Debug, Deserialize)]
struct Changed {
    customer: u32,
    x: f64,
    y: f64,
    demand: f64,
    ready: f64,
    due: f64,
    service: f64,
}

/// An instance as it is after changes, and the plan that stood before them.
#[derive(Clone, Debug, PartialEq)]
pub struct Changeover {
    pub instance: Instance,
    pub base: Vec<StaticRoute>,
    /// Indices of the tasks that changed: those the base does not serve.
    pub changed: Vec<u32>,
}

/// # Errors
/// The text is no JSON, or not of this form.
pub fn read(text: &str) -> Result<Changes, ChangesError> {
    Ok(serde_json::from_str(text)?)
}

impl Changes {
    /// # Errors
    /// Everything that does not go together with that instance.
    pub fn of(&self, instance: &Instance) -> Result<Changeover, ChangesError> {
        let mut faults = Vec::new();
        if !solomon::is_straight(instance) {
            faults.push(format!("{} is not in Solomon's format", instance.name));
            return Err(ChangesError::Faults(faults));
        }
        let mut changed = instance.clone();
        let mut indices = Vec::new();
        for (place, change) in self.wanted.iter().enumerate() {
            let at = format!("changes[{place}]");
            match change.write(&at, &mut changed) {
                Ok(index) if indices.contains(&index) => {
                    faults.push(format!("{at}.customer is {}, changed before", change.customer));
                }
                Ok(index) => indices.push(index),
                Err(wrong) => faults.extend(wrong),
            }
        }
        let base = self.base(&changed, &indices, &mut faults);
        if !faults.is_empty() {
            faults.truncate(FAULTS_MAX);
            return Err(ChangesError::Faults(faults));
        }
        changed.travel = vec![solomon::straight(changed.positions.points())];
        let rules: Vec<String> = changed.faults().iter().map(InstanceFault::to_string).collect();
        if !rules.is_empty() {
            return Err(ChangesError::Faults(rules));
        }
        Ok(Changeover { instance: changed, base, changed: indices })
    }

    /// The base in indices, which serves everyone once but those that change.
    fn base(
        &self,
        instance: &Instance,
        changed: &[u32],
        faults: &mut Vec<String>,
    ) -> Vec<StaticRoute> {
        let count = instance.tasks.len() as u32;
        let mut is_served = vec![false; instance.tasks.len()];
        let mut routes = Vec::new();
        for (place, route) in self.base.iter().enumerate() {
            let mut tasks = Vec::new();
            for customer in route {
                let fault = match customer.checked_sub(1).filter(|index| *index < count) {
                    None => format!("which is none of 1 to {count}"),
                    Some(index) if changed.contains(&index) => "which changes".to_owned(),
                    Some(index) if is_served[index as usize] => "served before".to_owned(),
                    Some(index) => {
                        is_served[index as usize] = true;
                        tasks.push(index);
                        continue;
                    }
                };
                faults.push(format!("base[{place}] serves customer {customer}, {fault}"));
            }
            routes.push(StaticRoute { kind: 0, tasks });
        }
        let left = (0..count).filter(|index| !is_served[*index as usize]);
        let mut left = left.filter(|index| !changed.contains(index)).peekable();
        if left.peek().is_some() {
            let numbers: Vec<u32> = left.take(FAULTS_MAX).map(|index| index + 1).collect();
            faults.push(format!("base serves customers {numbers:?} nowhere, which do not change"));
        }
        routes
    }
}

impl Changed {
    /// Writes what the customer asks for into the instance, but for the ways; its index, or every fault.
    fn write(&self, at: &str, instance: &mut Instance) -> Result<u32, Vec<String>> {
        let count = instance.tasks.len() as u32;
        let mut faults = Vec::new();
        if self.customer == 0 || self.customer > count + 1 {
            let rule = format!("1 to {count}, or {} for a new one, is allowed", count + 1);
            faults.push(format!("{at}.customer is {}; {rule}", self.customer));
        }
        let mut value =
            |name: &str, value: f64, read: &dyn Fn(&str, &str) -> Result<i64, String>| {
                let read = read(&value.to_string(), &format!("{at}.{name}"));
                read.map_err(|fault| faults.push(fault)).unwrap_or(0)
            };
        let up = |field: &str, what: &str| scaled(field, what, solomon::SCALE, f64::ceil);
        let down = |field: &str, what: &str| scaled(field, what, solomon::SCALE, f64::floor);
        let load = value("demand", self.demand, &whole);
        let open = value("ready", self.ready, &up);
        let close = value("due", self.due, &down);
        let service = value("service", self.service, &up);
        for (name, value) in [("x", self.x), ("y", self.y)] {
            let read = coordinate(&value.to_string(), &format!("{at}.{name}"));
            faults.extend(read.err());
        }
        if close < open {
            faults.push(format!("{at}.due {} is before ready {}", self.due, self.ready));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let Positions::Plane(positions) = &mut instance.positions else {
            return Err(vec!["the instance's sites lie on no plane".to_owned()]);
        };
        let position = Planar { x: self.x, y: self.y };
        let number = self.customer;
        let task = StaticTask {
            number,
            site: number,
            service,
            windows: vec![Span { open, close }],
            delivery: vec![load],
            ..StaticTask::default()
        };
        let index = number - 1;
        if index == count {
            positions.push(position);
            instance.tasks.push(task);
        } else {
            positions[number as usize] = position;
            instance.tasks[index as usize] = task;
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str =
        "TWO\n\nVEHICLE\n 5 10\n\nCUSTOMER\n\n0 0 0 0 0 100 0\n1 3 4 2 0 50 1\n2 6 8 2 0 50 1\n";

    fn instance() -> Instance {
        solomon::read(INSTANCE, "two").expect("an instance")
    }

    fn changes(base: &str, changes: &str) -> String {
        format!(
            r#"{{"instance": "TWO", "kind": "window", "seed": 1, "base_cost": 9.5, "base": {base}, "changes": [{changes}]}}"#
        )
    }

    fn told(base: &str, listed: &str) -> String {
        let read = read(&changes(base, listed)).expect("it has the form");
        read.of(&instance()).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_customer_that_was_not_there_gets_ways_and_a_number() {
        let new = r#"{"customer": 3, "x": 0.0, "y": 1.26, "demand": 3, "ready": 1.5, "due": 9, "service": 1}"#;
        let read = read(&changes("[[1, 2]]", new)).expect("it has the form");
        let changed = read.of(&instance()).expect("they go together");
        assert_eq!(changed.changed, [2]);
        assert_eq!(changed.base, [StaticRoute { kind: 0, tasks: vec![0, 1] }]);
        assert_eq!(changed.instance.travel[0].distance(0, 3), 12);
        assert_eq!(changed.instance.tasks[2].windows, [Span { open: 15, close: 90 }]);
        assert_eq!(changed.instance.faults(), []);
    }

    #[test]
    fn a_customer_that_changes_keeps_its_index() {
        let other =
            r#"{"customer": 1, "x": 3, "y": 4, "demand": 2, "ready": 0, "due": 20, "service": 1}"#;
        let read = read(&changes("[[2]]", other)).expect("it has the form");
        let changed = read.of(&instance()).expect("they go together");
        assert_eq!((changed.changed, changed.instance.tasks[0].windows[0].close), (vec![0], 200));
        assert_eq!(changed.instance.travel, instance().travel);
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let wrong = r#"{"customer": 9, "x": 1e300, "y": 0, "demand": -1, "ready": 5, "due": 4, "service": 0}"#;
        let expected = "changes[0].customer is 9; 1 to 2, or 3 for a new one, is allowed; \
            changes[0].demand is -1; 0 to 268435456 (in units of the plan) is allowed; \
            changes[0].x is 1";
        let said = told("[[1, 1, 7], []]", wrong);
        assert!(said.starts_with(expected), "{said}");
        for part in [
            "changes[0].due 4 is before ready 5",
            "base[0] serves customer 1, served before",
            "base[0] serves customer 7, which is none of 1 to 2",
            "base serves customers [2] nowhere",
        ] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
    }

    #[test]
    fn a_changed_customer_is_not_in_the_base_and_changes_once() {
        let other =
            r#"{"customer": 1, "x": 3, "y": 4, "demand": 2, "ready": 0, "due": 20, "service": 1}"#;
        assert_eq!(told("[[1, 2]]", other), "base[0] serves customer 1, which changes");
        let twice = told("[[2]]", &format!("{other}, {other}"));
        assert_eq!(twice, "changes[1].customer is 1, changed before");
        let heavy = other.replace("\"demand\": 2", "\"demand\": 11");
        assert_eq!(told("[[2]]", &heavy), "task 1 weighs 11; no vehicle carries more than 10");
    }

    #[test]
    fn a_text_cut_short_says_where() {
        let whole = changes("[[1, 2]]", "");
        let said = read(&whole[..whole.len() - 3]).expect_err("it is cut").to_string();
        assert!(said.contains("line 1"), "{said}");
    }
}
