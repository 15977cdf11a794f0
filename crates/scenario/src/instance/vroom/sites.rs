//! Places of a file as sites of an instance: rows of its matrices, or points on Earth.

use std::collections::BTreeMap;

use swerve_model::Planar;
use swerve_model::instance::{Positions, SITES_MAX};

use super::super::fault::Faults;
use super::input::Place;

/// What tells ways from place to place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// Matrices of so many rows.
    Rows(usize),
    /// Nothing but the points themselves.
    Points,
}

/// The sites in the order in which they are first named. A row of a matrix that nobody names is none.
pub(super) struct Sites {
    source: Source,
    by_row: BTreeMap<u32, u32>,
    by_point: BTreeMap<(u64, u64), u32>,
    /// By site.
    pub(super) row: Vec<u32>,
    point: Vec<Option<Planar>>,
}

impl Sites {
    pub(super) fn new(source: Source) -> Sites {
        let (by_row, by_point) = (BTreeMap::new(), BTreeMap::new());
        Sites { source, by_row, by_point, row: Vec::new(), point: Vec::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.point.len()
    }

    /// The site of a place; a fault if it has none.
    pub(super) fn of(&mut self, place: &Place, faults: &mut Faults) -> Option<u32> {
        let site = match self.source {
            Source::Rows(rows) => self.of_row(place, rows, faults)?,
            Source::Points => self.of_point(place, faults)?,
        };
        let known = &mut self.point[site as usize];
        *known = known.or(place.coordinates);
        if self.count() == SITES_MAX + 1 {
            faults.add(place.path.clone(), format!("is one place more than {SITES_MAX}"));
        }
        (self.count() <= SITES_MAX).then_some(site)
    }

    fn of_row(&mut self, place: &Place, rows: usize, faults: &mut Faults) -> Option<u32> {
        let Some(row) = place.index else {
            let fault = "has no index into the matrices, which are given";
            faults.add(place.path.clone(), fault);
            return None;
        };
        if row as usize >= rows {
            let fault = format!("is {row}; the matrices have {rows} rows");
            faults.add(place.path.clone(), fault);
            return None;
        }
        let new = self.point.len() as u32;
        let site = *self.by_row.entry(row).or_insert(new);
        if site == new {
            self.row.push(row);
            self.point.push(None);
        }
        Some(site)
    }

    fn of_point(&mut self, place: &Place, faults: &mut Faults) -> Option<u32> {
        let Some(point) = place.coordinates else {
            let fault = "has no coordinates, and there are no matrices to tell ways from";
            faults.add(place.path.clone(), fault);
            return None;
        };
        let new = self.point.len() as u32;
        let site = *self.by_point.entry((point.x.to_bits(), point.y.to_bits())).or_insert(new);
        if site == new {
            self.point.push(Some(point));
        }
        Some(site)
    }

    /// Known where each of them has coordinates.
    pub(super) fn positions(&self) -> Positions {
        let points: Option<Vec<Planar>> = self.point.iter().copied().collect();
        points.map_or(Positions::Unknown, Positions::Earth)
    }
}
