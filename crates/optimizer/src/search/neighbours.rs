//! Nearest stops on the plane, from a grid of cells.

use swerve_model::Planar;

/// Points sorted into square cells of about [`PER_CELL`] each.
pub(crate) struct Grid {
    points: Vec<Planar>,
    origin: Planar,
    cell_meters: f64,
    columns: i64,
    rows: i64,
    /// Points by cell, row by row; `first[cell]..first[cell + 1]` are those of one.
    sorted: Vec<u32>,
    first: Vec<u32>,
}

/// Points to a cell, on average: a ring of cells then brings about as many as are wanted next.
const PER_CELL: f64 = 3.0;

impl Grid {
    pub(crate) fn new(points: Vec<Planar>) -> Grid {
        let low = |coordinate: fn(&Planar) -> f64| {
            points.iter().map(coordinate).fold(f64::INFINITY, f64::min)
        };
        let high = |coordinate: fn(&Planar) -> f64| {
            points.iter().map(coordinate).fold(f64::NEG_INFINITY, f64::max)
        };
        let origin = Planar { x: low(|point| point.x), y: low(|point| point.y) };
        let width = (high(|point| point.x) - origin.x).max(1.0);
        let height = (high(|point| point.y) - origin.y).max(1.0);
        let cells = (points.len() as f64 / PER_CELL).max(1.0);
        // At least a metre, and never more cells a side than points, however thin the box.
        let cell_meters = (width * height / cells)
            .sqrt()
            .max(width.max(height) / (points.len() as f64 + 1.0))
            .max(1.0);
        let columns = (width / cell_meters) as i64 + 1;
        let rows = (height / cell_meters) as i64 + 1;
        let mut grid = Grid {
            points,
            origin,
            cell_meters,
            columns,
            rows,
            sorted: Vec::new(),
            first: Vec::new(),
        };
        grid.sort_into_cells();
        grid
    }

    fn sort_into_cells(&mut self) {
        let cells = (self.columns * self.rows) as usize;
        let mut by_cell: Vec<(usize, u32)> =
            (0..self.points.len()).map(|index| (self.cell_of(index), index as u32)).collect();
        by_cell.sort_unstable();
        self.first = vec![0; cells + 1];
        for (cell, _) in &by_cell {
            self.first[cell + 1] += 1;
        }
        for cell in 0..cells {
            self.first[cell + 1] += self.first[cell];
        }
        self.sorted = by_cell.into_iter().map(|(_, index)| index).collect();
    }

    fn column_row(&self, index: usize) -> (i64, i64) {
        let point = self.points[index];
        let at = |offset: f64, count: i64| ((offset / self.cell_meters) as i64).clamp(0, count - 1);
        (at(point.x - self.origin.x, self.columns), at(point.y - self.origin.y, self.rows))
    }

    fn cell_of(&self, index: usize) -> usize {
        let (column, row) = self.column_row(index);
        (row * self.columns + column) as usize
    }

    /// The `count` points nearest to point `of` among those `accept`ed, nearest first, itself left
    /// out; ties by number. O(count) where nearly all are accepted.
    pub(crate) fn nearest(
        &self,
        of: u32,
        count: usize,
        accept: impl Fn(u32) -> bool,
    ) -> Box<[u32]> {
        let center = self.points[of as usize];
        let (column, row) = self.column_row(of as usize);
        let mut found: Vec<(f64, u32)> = Vec::with_capacity(4 * count);
        let rings = self.columns.max(self.rows);
        for ring in 0..=rings {
            // Whatever lies beyond the rings seen so far is at least this far away.
            // (A point on a border may be rounded into the next cell.)
            let seen = ((ring - 1).max(0) as f64 - 1e-6) * self.cell_meters;
            if found.len() >= count {
                found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                found.truncate(count);
                if found.last().is_none_or(|last| last.0 < seen) {
                    break;
                }
            }
            for cell in self.ring(column, row, ring) {
                let (from, to) = (self.first[cell] as usize, self.first[cell + 1] as usize);
                let others = self.sorted[from..to].iter().copied();
                let wanted = others.filter(|other| *other != of && accept(*other));
                found.extend(
                    wanted.map(|other| (center.distance(self.points[other as usize]), other)),
                );
            }
        }
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.truncate(count);
        found.into_iter().map(|(_, index)| index).collect()
    }

    /// The cells at that many steps from a cell, diagonal steps included; those off the grid left out.
    fn ring(&self, column: i64, row: i64, steps: i64) -> impl Iterator<Item = usize> {
        let rows = (row - steps).max(0)..=(row + steps).min(self.rows - 1);
        rows.flat_map(move |at| {
            let is_edge = (at - row).abs() == steps;
            let step = if is_edge || steps == 0 { 1 } else { 2 * steps as usize };
            let columns = (column - steps..=column + steps).step_by(step);
            let inside = columns.filter(|at| (0..self.columns).contains(at));
            inside.map(move |column| (at * self.columns + column) as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanned(points: &[Planar], of: u32, count: usize, accept: impl Fn(u32) -> bool) -> Vec<u32> {
        let center = points[of as usize];
        let mut others: Vec<u32> =
            (0..points.len() as u32).filter(|other| *other != of && accept(*other)).collect();
        others.sort_by(|a, b| {
            let distance = |index: &u32| center.distance(points[*index as usize]);
            distance(a).total_cmp(&distance(b)).then(a.cmp(b))
        });
        others.truncate(count);
        others
    }

    proptest! {
        #[test]
        fn the_grid_finds_what_a_scan_finds(
            points in prop::collection::vec((-9i32..9, -60i32..60), 1..150), wide: bool,
            count in 1usize..20, modulus in 1u32..9,
        ) {
            let scale = if wide { 900.0 } else { 0.3 };
            let points: Vec<Planar> = points
                .into_iter()
                .map(|(x, y)| Planar { x: f64::from(x) * scale, y: f64::from(y) * 40.0 })
                .collect();
            let grid = Grid::new(points.clone());
            let accept = |other: u32| other.is_multiple_of(modulus);
            for of in 0..points.len() as u32 {
                let found = grid.nearest(of, count, accept);
                prop_assert_eq!(found.to_vec(), scanned(&points, of, count, accept));
            }
        }
    }
}
