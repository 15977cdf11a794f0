//! A place of some thirty junctions, for tests that need real roads and little of them.

use swerve_model::LatLng;
use swerve_roads::{Coord, Node, OsmData, Tags, Way};

use crate::dice::Dice;

const COLUMNS: usize = 6;
const ROWS: usize = 5;
/// Metres between neighbouring junctions, before they are shifted.
const SPACING: f64 = 150.0;
const SHIFT: f64 = 38.0;
/// The brook runs below this row; one of the streets across it is a bridge, the others are not
/// there.
const BANK: usize = 2;
const LATITUDE: f64 = 47.6;
const LONGITUDE: f64 = 13.4;
/// Metres in a degree there.
const NORTH: f64 = 111_200.0;
const EAST: f64 = 75_000.0;

/// A hamlet on both banks of a brook with one bridge: crooked streets, a one-way, a cul-de-sac, a
/// gated drive, some 70 addresses, a parcel locker, a shop and a warehouse. Every address can be
/// driven to from every other. Equal seeds give equal data.
pub fn hamlet(seed: u64) -> OsmData {
    let mut hamlet = Hamlet { dice: Dice::new(seed, "hamlet", 0, 0), data: OsmData::default() };
    let corners = hamlet.corners();
    let bridge = 1 + hamlet.dice.index(COLUMNS - 2);
    for row in 0..ROWS {
        let name = ["Lower Lane", "Mill Lane", "Brook Street", "High Street", "Upper Lane"][row];
        let class = if row == 3 { "tertiary" } else { "residential" };
        // The uppermost lane is one-way; it has both neighbours of its ends to come back by.
        let oneway = if row == ROWS - 1 { "yes" } else { "no" };
        hamlet.street(&corners[row], &[("highway", class), ("name", name), ("oneway", oneway)]);
    }
    for column in 0..COLUMNS {
        let line: Vec<i64> = corners.iter().map(|row| row[column]).collect();
        let name = format!("{} Way", ["West", "Elm", "Oak", "Church", "Ash", "East"][column]);
        let tags = [("highway", "residential"), ("name", &*name)];
        if column == bridge {
            hamlet.street(&line[BANK - 1..=BANK], &[("highway", "tertiary"), ("bridge", "yes")]);
        }
        hamlet.street(&line[..BANK], &tags);
        hamlet.street(&line[BANK..], &tags);
    }
    hamlet.dead_ends(&corners);
    hamlet.houses(&corners);
    hamlet.data
}

struct Hamlet {
    dice: Dice,
    data: OsmData,
}

impl Hamlet {
    fn corners(&mut self) -> Vec<Vec<i64>> {
        let grid = |row: usize, column: usize| (column as f64 * SPACING, row as f64 * SPACING);
        let mut corners = Vec::new();
        for row in 0..ROWS {
            let line = (0..COLUMNS).map(|column| {
                let (x, y) = grid(row, column);
                let shift = (self.dice.between(-SHIFT, SHIFT), self.dice.between(-SHIFT, SHIFT));
                self.node((x + shift.0, y + shift.1), Tags::new())
            });
            corners.push(line.collect());
        }
        corners
    }

    fn node(&mut self, (x, y): (f64, f64), tags: Tags) -> i64 {
        let at = LatLng::new(LATITUDE + y / NORTH, LONGITUDE + x / EAST).expect("in the Alps");
        let id = self.data.nodes.len() as i64 + 1;
        self.data.nodes.push(Node { id, at: Coord::from_lat_lng(at) });
        if !tags.is_empty() {
            self.data.node_tags.insert(id, tags);
        }
        id
    }

    fn street(&mut self, nodes: &[i64], tags: &[(&str, &str)]) {
        let id = self.data.ways.len() as i64 + 1;
        let tags = tags.iter().copied().collect();
        self.data.ways.push(Way { id, nodes: nodes.to_vec(), tags });
    }

    fn position(&self, node: i64) -> (f64, f64) {
        let at = self.data.nodes[node as usize - 1].at;
        ((at.longitude() - LONGITUDE) * EAST, (at.latitude() - LATITUDE) * NORTH)
    }

    /// A cul-de-sac to the west and a gated drive to the east.
    fn dead_ends(&mut self, corners: &[Vec<i64>]) {
        let west = corners[0][0];
        let (x, y) = self.position(west);
        let end = self.node((x - 120.0, y + 30.0), Tags::new());
        self.street(&[west, end], &[("highway", "residential"), ("name", "Dead End")]);
        let east = corners[3][COLUMNS - 1];
        let (x, y) = self.position(east);
        let gate = self.node((x + 40.0, y), Tags::from([("barrier", "gate")]));
        let end = self.node((x + 90.0, y + 10.0), Tags::new());
        let tags = [("highway", "service"), ("service", "driveway"), ("access", "private")];
        self.street(&[east, gate, end], &tags);
    }

    /// Addresses along the lanes, then the locker, the shop and the warehouse.
    fn houses(&mut self, corners: &[Vec<i64>]) {
        let names = ["Lower Lane", "Mill Lane", "Brook Street", "High Street", "Upper Lane"];
        for (row, name) in corners.iter().zip(names) {
            let mut number = 0;
            for pair in row.windows(2) {
                let (a, b) = (self.position(pair[0]), self.position(pair[1]));
                for step in 1..=3 {
                    number += 1 + self.dice.index(2);
                    let (share, side) =
                        (f64::from(step) / 4.0, if number % 2 == 0 { 12.0 } else { -12.0 });
                    let at = (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share + side);
                    let mut tags = Tags::from([
                        ("addr:housenumber", &*number.to_string()),
                        ("addr:street", name),
                    ]);
                    if self.dice.chance(0.25) {
                        tags.push("building", "apartments");
                    }
                    self.node(at, tags);
                }
            }
        }
        let (x, y) = self.position(corners[3][2]);
        self.node(
            (x + 15.0, y + 10.0),
            Tags::from([("amenity", "parcel_locker"), ("ref", "PS 1")]),
        );
        self.node(
            (x - 60.0, y + 12.0),
            Tags::from([("shop", "convenience"), ("name", "Corner Shop")]),
        );
        self.warehouse(corners[0][COLUMNS - 1]);
    }

    fn warehouse(&mut self, beside: i64) {
        let (x, y) = self.position(beside);
        let corner = [(20.0, 20.0), (60.0, 20.0), (60.0, 50.0), (20.0, 50.0)];
        let mut ring: Vec<i64> =
            corner.map(|(dx, dy)| self.node((x + dx, y + dy), Tags::new())).to_vec();
        ring.push(ring[0]);
        self.street(&ring, &[("building", "warehouse")]);
    }
}
