//! VRPLIB: CVRP with coordinates, and VRPTW with a matrix as the EURO-NeurIPS 2022 challenge has it.
//!
//! Customers are numbered in solutions as their nodes less one: node 1 is the depot. The cost is
//! distance, the number of vehicles is free. Without windows nothing takes time, unless `DISTANCE`
//! limits a route's length.

use std::collections::BTreeMap;

use swerve_model::Planar;
use swerve_model::instance::{
    Instance, Positions, SITES_MAX, Span, StaticTask, TravelMatrix, VehiclePrices, VehicleType,
};

use super::euclid;
use super::fault::{Faults, InstanceError};
use super::number::{coordinate, whole};

const COORDINATES: &str = "NODE_COORD_SECTION";
const DEMANDS: &str = "DEMAND_SECTION";
const DEPOTS: &str = "DEPOT_SECTION";
const WEIGHTS: &str = "EDGE_WEIGHT_SECTION";
const WINDOWS: &str = "TIME_WINDOW_SECTION";
const SERVICES: &str = "SERVICE_TIME_SECTION";

/// Sections that say something this reader understands.
const SECTIONS: [&str; 6] = [COORDINATES, DEMANDS, DEPOTS, WEIGHTS, WINDOWS, SERVICES];

/// A word of the file, and its line.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    line: usize,
}

#[derive(Default)]
struct Parts<'a> {
    head: BTreeMap<&'a str, Word<'a>>,
    sections: BTreeMap<&'a str, (usize, Vec<Word<'a>>)>,
    last_line: usize,
}

pub(super) fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    let mut faults = Faults::default();
    let parts = Parts::split(text, &mut faults);
    let instance = parts.instance(name, &mut faults);
    faults.none()?;
    Ok(instance.expect("what is missing is a fault"))
}

impl<'a> Parts<'a> {
    fn split(text: &'a str, faults: &mut Faults) -> Parts<'a> {
        let mut parts = Parts::default();
        let mut section = None;
        for (index, line) in text.lines().enumerate() {
            let (number, line) = (index + 1, line.trim());
            parts.last_line = number;
            let first = line.split_whitespace().next();
            match first {
                None => {}
                Some("EOF") => break,
                Some(word) if word.ends_with("_SECTION") => {
                    if !SECTIONS.contains(&word) {
                        faults.add(number, format!("{word} is not supported"));
                    }
                    section = Some(word);
                    parts.sections.insert(word, (number, Vec::new()));
                }
                Some(_) => match line.split_once(':') {
                    Some((key, value)) => {
                        let value = value.trim().trim_matches('"').trim();
                        parts.head.insert(key.trim(), Word { text: value, line: number });
                    }
                    None => parts.extend(section, line, number, faults),
                },
            }
        }
        parts
    }

    fn extend(&mut self, section: Option<&str>, line: &'a str, number: usize, faults: &mut Faults) {
        let words = line.split_whitespace().map(|text| Word { text, line: number });
        match section.and_then(|section| self.sections.get_mut(section)) {
            Some((_, all)) => all.extend(words),
            None => faults.add(number, format!("{line:?} is neither in a section nor KEY : VALUE")),
        }
    }

    fn instance(&self, name: &str, faults: &mut Faults) -> Option<Instance> {
        let sites = self.required("DIMENSION", faults)? as usize;
        if sites == 0 || sites > SITES_MAX {
            faults.add(self.head["DIMENSION"].line, format!("1 to {SITES_MAX} nodes are allowed"));
            return None;
        }
        let capacity = self.required("CAPACITY", faults);
        self.judge_depot(faults);
        let demands = self.columns(DEMANDS, sites, 1, faults);
        let is_timed = self.sections.contains_key(WINDOWS);
        let windows = is_timed.then(|| self.columns(WINDOWS, sites, 2, faults));
        let services = self.services(sites, faults);
        let positions = self.positions(sites, faults);
        let travel = self.travel(sites, positions.as_deref(), faults);
        let length_max = self.optional("DISTANCE", faults);
        let (capacity, demands, services, travel) = (capacity?, demands?, services?, travel?);
        let windows = match windows {
            Some(windows) => windows?,
            None => [Span::ALWAYS.open, Span::ALWAYS.close].repeat(sites),
        };
        let window = |node: usize| Span { open: windows[2 * node], close: windows[2 * node + 1] };
        let task = |node: usize| StaticTask {
            number: node as u32,
            site: node as u32,
            service: services[node],
            windows: vec![window(node)],
            delivery: vec![demands[node]],
            ..StaticTask::default()
        };
        let mut shift = window(0);
        if let Some(length_max) = length_max {
            shift.close = shift.close.min(shift.open + length_max);
        }
        let timeless = !is_timed && length_max.is_none();
        let still = vec![0; if timeless { sites * sites } else { 0 }];
        let travel =
            if timeless { travel.with_durations(still).expect("as large") } else { travel };
        Some(Instance {
            name: self.head.get("NAME").map_or(name, |word| word.text).to_owned(),
            scale: 1,
            cost_scale: 1,
            positions: positions.map_or(Positions::Unknown, Positions::Plane),
            travel: vec![travel],
            tasks: (1..sites).map(task).collect(),
            fleet: vec![VehicleType {
                shift,
                capacity: vec![capacity],
                prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
                ..VehicleType::default()
            }],
            ..Instance::default()
        })
    }

    fn judge_depot(&self, faults: &mut Faults) {
        let Some((line, words)) = self.sections.get(DEPOTS) else {
            return faults.add(self.last_line, "no depot: DEPOT_SECTION is missing");
        };
        let named: Vec<&str> =
            words.iter().map(|word| word.text).take_while(|text| *text != "-1").collect();
        // Some files give the depot's coordinates here, some the number 0.
        if named != ["1"] {
            faults.add(*line, format!("depots {named:?}; exactly one, node 1, is supported"));
        }
    }

    /// Service by node: a section, one value for all customers, or none.
    fn services(&self, sites: usize, faults: &mut Faults) -> Option<Vec<i64>> {
        if self.sections.contains_key(SERVICES) {
            return self.columns(SERVICES, sites, 1, faults);
        }
        let each = self.optional("SERVICE_TIME", faults).unwrap_or(0);
        Some((0..sites).map(|node| if node == 0 { 0 } else { each }).collect())
    }

    fn positions(&self, sites: usize, faults: &mut Faults) -> Option<Vec<Planar>> {
        let (line, words) = self.sections.get(COORDINATES)?;
        if !is_complete(COORDINATES, *line, words, sites, 3, faults) {
            return None;
        }
        let position = |row: &[Word]| -> Option<Planar> {
            let x = faults.take(row[1].line, coordinate(row[1].text, "x"));
            let y = faults.take(row[2].line, coordinate(row[2].text, "y"));
            Some(Planar { x: x?, y: y? })
        };
        words.chunks_exact(3).map(position).collect()
    }

    fn travel(
        &self,
        sites: usize,
        positions: Option<&[Planar]>,
        faults: &mut Faults,
    ) -> Option<TravelMatrix> {
        let kind = self.word("EDGE_WEIGHT_TYPE", faults)?;
        let round: fn(f64) -> f64 = match kind.text {
            "EXPLICIT" => return self.explicit(sites, faults),
            "EUC_2D" => |length| (length + 0.5).floor(),
            "CEIL_2D" => f64::ceil,
            "FLOOR_2D" => f64::floor,
            other => {
                let rule = "EUC_2D, CEIL_2D, FLOOR_2D or EXPLICIT is supported";
                faults.add(kind.line, format!("EDGE_WEIGHT_TYPE is {other}; {rule}"));
                return None;
            }
        };
        if let Some(positions) = positions {
            return Some(euclid::matrix(positions, 1.0, round));
        }
        if !self.sections.contains_key(COORDINATES) {
            faults.add(kind.line, format!("{} needs {COORDINATES}", kind.text));
        }
        None
    }

    fn explicit(&self, sites: usize, faults: &mut Faults) -> Option<TravelMatrix> {
        let format = self.word("EDGE_WEIGHT_FORMAT", faults)?;
        if format.text != "FULL_MATRIX" {
            let rule = "FULL_MATRIX is supported";
            faults.add(format.line, format!("EDGE_WEIGHT_FORMAT is {}; {rule}", format.text));
            return None;
        }
        let Some((line, words)) = self.sections.get(WEIGHTS) else {
            faults.add(self.last_line, format!("{WEIGHTS} is missing"));
            return None;
        };
        if !is_complete(WEIGHTS, *line, words, sites, sites, faults) {
            return None;
        }
        let mut distances = Vec::with_capacity(words.len());
        for word in words {
            // At most a quarter of an `i32`, as the number's range says.
            distances.push(faults.take(word.line, whole(word.text, "a way"))? as i32);
        }
        TravelMatrix::new(distances).ok()
    }

    /// The values of a section whose rows are a node and so many values, node by node.
    fn columns(
        &self,
        section: &str,
        sites: usize,
        count: usize,
        faults: &mut Faults,
    ) -> Option<Vec<i64>> {
        let Some((line, words)) = self.sections.get(section) else {
            faults.add(self.last_line, format!("{section} is missing"));
            return None;
        };
        if !is_complete(section, *line, words, sites, count + 1, faults) {
            return None;
        }
        let mut values = Vec::with_capacity(sites * count);
        for (index, row) in words.chunks_exact(count + 1).enumerate() {
            let node = faults.take(row[0].line, whole(row[0].text, "the node"));
            if node.is_some_and(|node| node != index as i64 + 1) {
                faults.add(row[0].line, format!("node {} where {} is due", row[0].text, index + 1));
            }
            let row = row[1..].iter();
            values.extend(
                row.map(|word| faults.take(word.line, whole(word.text, "the value")).unwrap_or(0)),
            );
            if faults.is_full() {
                return None;
            }
        }
        Some(values)
    }

    fn word(&self, key: &str, faults: &mut Faults) -> Option<Word<'a>> {
        let word = self.head.get(key).copied();
        if word.is_none() {
            faults.add(self.last_line, format!("{key} is missing"));
        }
        word
    }

    fn required(&self, key: &str, faults: &mut Faults) -> Option<i64> {
        let word = self.word(key, faults)?;
        faults.take(word.line, whole(word.text, key))
    }

    fn optional(&self, key: &str, faults: &mut Faults) -> Option<i64> {
        let word = self.head.get(key)?;
        faults.take(word.line, whole(word.text, key))
    }
}

/// Whether a section has its `rows` rows of `width` words; a fault if not.
fn is_complete(
    section: &str,
    line: usize,
    words: &[Word],
    rows: usize,
    width: usize,
    faults: &mut Faults,
) -> bool {
    let complete = words.len() == rows * width;
    if !complete {
        let found = words.len();
        let rule = format!("{rows} rows of {width} are needed");
        faults.add(line, format!("{section} has {found} words; {rule}"));
    }
    complete
}
