//! Travel matrices of an instance: one for each profile and pace that a vehicle has.

use std::collections::BTreeMap;

use swerve_model::instance::{FAULTS_MAX, QUANTITY_MAX, SITES_MAX, TravelMatrix};

use super::super::estimate::Estimate;
use super::super::fault::Faults;
use super::input::{PER_HOUR, Tables, Vehicle};
use super::sites::{Sites, Source};
use super::table::Table;

/// Entries of all matrices at most: two of the largest.
const ENTRIES_MAX: usize = 2 * SITES_MAX * SITES_MAX;

type Matrices = BTreeMap<String, Tables>;

/// Profiles and paces in the order in which vehicles name them.
#[derive(Default)]
pub(super) struct Ways {
    used: Vec<(String, i64)>,
}

impl Ways {
    /// Where ways come from; nothing where a fault leaves that open.
    pub(super) fn source(matrices: &Matrices, faults: &mut Faults) -> Option<Source> {
        let mut first: Option<(String, usize)> = None;
        let mut is_sound = true;
        for (profile, tables) in matrices {
            let path = format!("matrices.{profile}");
            if tables.durations.is_none() {
                faults.add(format!("{path}.durations"), "is missing");
                is_sound = false;
            }
            let named = [
                ("durations", &tables.durations),
                ("distances", &tables.distances),
                ("costs", &tables.costs),
            ];
            for (name, table) in named {
                let Some(table) = table else { continue };
                let path = format!("{path}.{name}");
                let Some(rows) = table.sites(&path, faults) else {
                    is_sound = false;
                    continue;
                };
                let (of, expected) = first.get_or_insert((path.clone(), rows));
                if rows != *expected {
                    faults.add(path, format!("{rows} rows; {of} has {expected}"));
                    is_sound = false;
                }
            }
        }
        is_sound.then(|| first.map_or(Source::Points, |(_, rows)| Source::Rows(rows)))
    }

    /// Whether a matrix of costs says what vehicles of a profile cost.
    pub(super) fn are_costs(matrices: &Matrices, profile: &str) -> bool {
        matrices.get(profile).is_some_and(|tables| tables.costs.is_some())
    }

    /// Which matrix is a vehicle's; faults where its costs and limits ask for what is not there.
    pub(super) fn profile(
        &mut self,
        vehicle: &Vehicle,
        matrices: &Matrices,
        faults: &mut Faults,
    ) -> u32 {
        judge(vehicle, matrices, faults);
        let wanted = (vehicle.profile.clone(), vehicle.pace);
        let found = self.used.iter().position(|used| *used == wanted);
        found.unwrap_or_else(|| {
            self.used.push(wanted);
            self.used.len() - 1
        }) as u32
    }

    /// Whether distances are metres whatever vehicle is meant.
    pub(super) fn has_distances(&self, matrices: &Matrices) -> bool {
        self.used.iter().all(|(profile, _)| {
            matrices.is_empty()
                || matrices
                    .get(profile)
                    .is_some_and(|tables| tables.distances.is_some() && tables.costs.is_none())
        })
    }

    pub(super) fn matrices(
        &self,
        matrices: &Matrices,
        sites: &Sites,
        scale: i64,
        estimate: Estimate,
        faults: &mut Faults,
    ) -> Option<Vec<TravelMatrix>> {
        let entries = self.used.len() * sites.count() * sites.count();
        if entries > ENTRIES_MAX {
            let (matrices, sites) = (self.used.len(), sites.count());
            let fault = format!("{matrices} of {sites} sites are needed; that is too much");
            faults.add("matrices".to_owned(), fault);
            return None;
        }
        let one = |(profile, pace): &(String, i64)| match matrices.get(profile) {
            Some(tables) => given(profile, tables, sites, *pace, scale, faults),
            None => estimated(sites, *pace, scale, estimate, faults),
        };
        self.used.iter().map(one).collect()
    }
}

fn judge(vehicle: &Vehicle, matrices: &Matrices, faults: &mut Faults) {
    let (path, profile) = (&vehicle.path, &vehicle.profile);
    if matrices.is_empty() {
        return;
    }
    let Some(tables) = matrices.get(profile) else {
        let known: Vec<&String> = matrices.keys().collect();
        let fault = format!("is {profile:?}; there are matrices for {known:?}");
        faults.add(format!("{path}.profile"), fault);
        return;
    };
    if tables.costs.is_some() {
        let given = format!("matrices.{profile}.costs says what ways cost");
        if vehicle.per_hour != PER_HOUR || vehicle.per_km != 0 {
            faults.add(format!("{path}.costs"), format!("has prices of ways, but {given}"));
        }
        if vehicle.distance_max.is_some() {
            let fault = format!("is not supported where {given}");
            faults.add(format!("{path}.max_distance"), fault);
        }
    } else if tables.distances.is_none() {
        let needed = format!("needs matrices.{profile}.distances, which are missing");
        if vehicle.per_km != 0 {
            faults.add(format!("{path}.costs.per_km"), needed.clone());
        }
        if vehicle.distance_max.is_some() {
            faults.add(format!("{path}.max_distance"), needed);
        }
    }
}

fn given(
    profile: &str,
    tables: &Tables,
    sites: &Sites,
    pace: i64,
    scale: i64,
    faults: &mut Faults,
) -> Option<TravelMatrix> {
    let durations = tables.durations.as_ref()?;
    let path = format!("matrices.{profile}");
    let own = match (&tables.costs, &tables.distances) {
        (Some(costs), _) => Some(("costs", costs)),
        (None, Some(distances)) => Some(("distances", distances)),
        (None, None) => None,
    };
    let times = part(&format!("{path}.durations"), durations, sites, pace * scale, faults);
    let Some((name, table)) = own else { return TravelMatrix::new(times?).ok() };
    let ways = part(&format!("{path}.{name}"), table, sites, scale * 100, faults);
    TravelMatrix::new(ways?).ok()?.with_durations(times?).ok()
}

/// The rows and columns of a table that are sites, each entry times so many hundredths.
fn part(
    path: &str,
    table: &Table,
    sites: &Sites,
    hundredths: i64,
    faults: &mut Faults,
) -> Option<Vec<i32>> {
    let mut entries = Vec::with_capacity(sites.count() * sites.count());
    let mut found = 0;
    for from in &sites.row {
        for to in &sites.row {
            let entry = table.entry(*from, *to);
            let units = entry * hundredths / 100;
            if units > QUANTITY_MAX && found < FAULTS_MAX {
                found += 1;
                let max = QUANTITY_MAX * 100 / hundredths.max(1);
                let fault = format!("is {entry}; 0 to {max} is allowed");
                faults.add(format!("{path}[{from}][{to}]"), fault);
            }
            entries.push(units.min(QUANTITY_MAX) as i32);
        }
    }
    (found == 0).then_some(entries)
}

fn estimated(
    sites: &Sites,
    pace: i64,
    scale: i64,
    estimate: Estimate,
    faults: &mut Faults,
) -> Option<TravelMatrix> {
    let matrix = estimate.matrix(sites.positions().points(), scale, pace);
    if matrix.is_none() {
        let fault = "two places are farther apart than can be planned";
        faults.add("vehicles".to_owned(), fault);
    }
    matrix
}
