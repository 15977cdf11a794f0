//! The lie of the land: river, railway, parks, industry, and what kind of quarter each spot is.
//!
//! Everything that shapes streets but is not a street is decided here, first. Quarters are kept on
//! a raster, because growing streets asks for them hundreds of thousands of times.

use std::f64::consts::TAU;

use super::geometry::{V2, distance_to_line, noise, v};
use crate::dice::Dice;
use crate::steady;

/// Half of the map's width and height, in metres.
pub(super) const HALF_WIDTH: f64 = 5_000.0;
pub(super) const HALF_HEIGHT: f64 = 4_500.0;
const CELL: f64 = 40.0;

/// What kind of place a spot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quarter {
    /// Inside the ring road: narrow, crooked, old.
    Old,
    /// Blocks of the nineteenth century.
    Blocks,
    /// Houses with gardens.
    Garden,
    Industry,
    Village,
    /// Grass, no streets.
    Park,
    /// Fields and woods.
    Country,
}

impl Quarter {
    /// Whether people live or work along its streets.
    pub(super) const fn is_built(self) -> bool {
        !matches!(self, Quarter::Park | Quarter::Country)
    }
}

/// A line that winds across the map from west to east: the river or the railway.
#[derive(Clone, Debug)]
pub(super) struct Course {
    base: f64,
    tilt: f64,
    waves: [(f64, f64, f64); 2],
    half_width: f64,
}

impl Course {
    /// The centre line's northing at an easting.
    pub(super) fn y(&self, x: f64) -> f64 {
        let wave = |(height, length, phase): (f64, f64, f64)| {
            height * (steady::sin_cos(x / length + phase).0 - steady::sin_cos(phase).0)
        };
        self.base + self.tilt * x + wave(self.waves[0]) + wave(self.waves[1])
    }

    /// Its direction there, eastward.
    pub(super) fn direction(&self, x: f64) -> V2 {
        v(20.0, self.y(x + 10.0) - self.y(x - 10.0)).unit()
    }

    /// Metres from the centre line, positive to the north; good to a few per cent near the line.
    pub(super) fn offset(&self, point: V2) -> f64 {
        (point.y - self.y(point.x)) * self.direction(point.x).x
    }

    pub(super) fn half_width(&self) -> f64 {
        self.half_width
    }

    pub(super) fn line(&self) -> Vec<V2> {
        let half = HALF_WIDTH as i32 / 50;
        (-half..=half).map(|step| f64::from(step) * 50.0).map(|x| v(x, self.y(x))).collect()
    }
}

/// A round-cornered patch of land with a wavy edge.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) center: V2,
    along: V2,
    half_length: f64,
    half_breadth: f64,
    /// 2 is an ellipse, more is squarer.
    squareness: i32,
    seed: u64,
}

impl Patch {
    pub(super) fn contains(&self, point: V2) -> bool {
        let off = point - self.center;
        let rough = 1.0 + 0.12 * noise(self.seed, point.x / 150.0, point.y / 150.0);
        let (a, b) =
            (off.dot(self.along) / self.half_length, off.cross(self.along) / self.half_breadth);
        let power = |share: f64| (0..self.squareness).fold(1.0, |product, _| product * share.abs());
        power(a) + power(b) < rough
    }

    /// Its edge, counterclockwise, not closed: the farthest points inside along 40 rays.
    pub(super) fn outline(&self) -> Vec<V2> {
        let ray = |step: i32| {
            let direction = V2::at_angle(f64::from(step) * TAU / 40.0);
            let (mut inside, mut outside) = (0.0, self.half_length.max(self.half_breadth) * 1.6);
            for _ in 0..14 {
                let middle = f64::midpoint(inside, outside);
                if self.contains(self.center + direction * middle) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            self.center + direction * inside
        };
        (0..40).map(ray).collect()
    }
}

/// The land a city is built on.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) river: Course,
    pub(super) railway: Course,
    pub(super) parks: Vec<Patch>,
    pub(super) industry: Patch,
    /// Straight directions of the industrial estate.
    pub(super) industry_axis: V2,
    pub(super) villages: Vec<V2>,
    seed: u64,
    ring_phases: [f64; 2],
    belt_phases: [f64; 2],
    raster: Vec<Quarter>,
}

impl Site {
    /// The land without its quarters; [`Site::settle`] follows once the main roads are drawn.
    pub(super) fn new(seed: u64) -> Site {
        let mut dice = Dice::new(seed, "site", 0, 0);
        let mut phase = || dice.between(0.0, TAU);
        let (ring_phases, belt_phases) = ([phase(), phase()], [phase(), phase()]);
        let river = Course {
            base: -600.0,
            tilt: dice.between(-0.04, 0.04),
            waves: [
                (dice.between(300.0, 380.0), 1_500.0, dice.between(-0.5, 0.5)),
                (dice.between(90.0, 140.0), 690.0, dice.between(0.0, TAU)),
            ],
            half_width: 42.0,
        };
        let railway = Course {
            base: 1_240.0,
            tilt: dice.between(0.06, 0.1),
            waves: [(150.0, 2_100.0, dice.between(0.0, TAU)), (0.0, 1.0, 0.0)],
            half_width: 14.0,
        };
        let industry_axis = V2::at_angle(dice.between(-0.35, -0.15));
        let estate = v(2_750.0, river.y(2_750.0) - 900.0);
        let industry = Patch {
            center: estate,
            along: industry_axis,
            half_length: 880.0,
            half_breadth: 560.0,
            squareness: 5,
            seed: seed ^ 5,
        };
        let parks = parks(seed, &river, &mut dice);
        Site {
            river,
            railway,
            parks,
            industry,
            industry_axis,
            villages: Vec::new(),
            seed,
            ring_phases,
            belt_phases,
            raster: Vec::new(),
        }
    }

    /// The ring road's distance from the market square, by direction.
    pub(super) fn ring_radius(&self, angle: f64) -> f64 {
        wavy(600.0, 0.14, 0.08, self.ring_phases, angle)
    }

    /// The outer belt's distance, by direction.
    pub(super) fn belt_radius(&self, angle: f64) -> f64 {
        let flat = steady::sin_cos(angle).1;
        wavy(1_850.0, 0.12, 0.1, self.belt_phases, angle) * (1.0 + 0.22 * flat * flat)
    }

    /// Decides every spot's quarter: the town has grown along its radial roads.
    pub(super) fn settle(&mut self, ring: &[V2], belt: &[V2], radials: &[Vec<V2>]) {
        let (columns, rows) = raster_size();
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let center = |(column, row): (usize, usize)| {
            v((column as f64 + 0.5) * CELL - HALF_WIDTH, (row as f64 + 0.5) * CELL - HALF_HEIGHT)
        };
        self.raster = cells.map(|cell| self.judge(center(cell), ring, belt, radials)).collect();
    }

    fn judge(&self, spot: V2, ring: &[V2], belt: &[V2], radials: &[Vec<V2>]) -> Quarter {
        if self.parks.iter().any(|park| park.contains(spot)) {
            return Quarter::Park;
        }
        if self.industry.contains(spot) {
            return Quarter::Industry;
        }
        if inside(spot, ring) {
            return Quarter::Old;
        }
        let wobble = noise(self.seed ^ 1, spot.x / 800.0, spot.y / 800.0);
        if inside(spot * (1.0 + 0.1 * wobble), belt) && self.river.offset(spot) > -900.0 {
            return Quarter::Blocks;
        }
        let to_road = radials.iter().map(|line| distance_to_line(spot, line)).fold(1e9, f64::min);
        let finger = steady::exp(-(to_road / 420.0) * (to_road / 420.0));
        let south = if self.river.offset(spot) < 0.0 { 0.86 } else { 1.0 };
        let reach = (2_950.0 + 420.0 * wobble + 950.0 * finger) * south;
        if v(spot.x * 0.88, spot.y).length() < reach {
            return Quarter::Garden;
        }
        let hamlet = 330.0 + 120.0 * wobble;
        if self.villages.iter().any(|village| village.distance(spot) < hamlet) {
            return Quarter::Village;
        }
        Quarter::Country
    }

    /// The quarter of a spot; country beyond the map.
    pub(super) fn quarter(&self, spot: V2) -> Quarter {
        let (columns, rows) = raster_size();
        let (column, row) = ((spot.x + HALF_WIDTH) / CELL, (spot.y + HALF_HEIGHT) / CELL);
        let on_map =
            column >= 0.0 && row >= 0.0 && (column as usize) < columns && (row as usize) < rows;
        let cell = on_map.then(|| row as usize * columns + column as usize);
        cell.and_then(|cell| self.raster.get(cell)).copied().unwrap_or(Quarter::Country)
    }

    /// Whether the spot is water or a bank too steep to build on.
    pub(super) fn is_wet(&self, spot: V2) -> bool {
        self.river.offset(spot).abs() < self.river.half_width + 14.0
    }

    /// Whether a street may pass here: dry, not on the tracks, in a built quarter.
    pub(super) fn is_open(&self, spot: V2) -> bool {
        let tracks = self.railway.offset(spot).abs() < self.railway.half_width + 16.0;
        !tracks && !self.is_wet(spot) && self.quarter(spot).is_built()
    }
}

fn parks(seed: u64, river: &Course, dice: &mut Dice) -> Vec<Patch> {
    let mut park = |center: V2, along: V2, half_length: f64, half_breadth: f64| Patch {
        center,
        along,
        half_length,
        half_breadth,
        squareness: 3,
        seed: seed ^ dice.index(1 << 20) as u64,
    };
    let west = v(-1_500.0, river.y(-1_500.0) - 330.0);
    vec![
        park(V2::at_angle(0.75) * 980.0, V2::at_angle(2.2), 300.0, 190.0),
        park(west, river.direction(-1_500.0), 520.0, 230.0),
        park(v(-2_350.0, 1_900.0), V2::at_angle(0.5), 330.0, 250.0),
        park(v(1_350.0, 2_350.0), V2::at_angle(-0.3), 240.0, 170.0),
    ]
}

fn wavy(radius: f64, second: f64, third: f64, phases: [f64; 2], angle: f64) -> f64 {
    let wave = |times: f64, phase: f64| steady::sin_cos(times * angle + phase).0;
    radius * (1.0 + second * wave(2.0, phases[0]) + third * wave(3.0, phases[1]))
}

fn raster_size() -> (usize, usize) {
    ((2.0 * HALF_WIDTH / CELL) as usize, (2.0 * HALF_HEIGHT / CELL) as usize)
}

/// Whether a closed line surrounds the point (even-odd rule).
pub(super) fn inside(point: V2, ring: &[V2]) -> bool {
    let mut is_inside = false;
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.y > point.y) != (b.y > point.y) {
            let x = a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x);
            is_inside ^= point.x < x;
        }
    }
    is_inside
}
