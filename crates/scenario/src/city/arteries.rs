//! The main roads: ring, belt, radials, bypass, and the lanes between villages.
//!
//! These carry a town's shape. The ring follows the old walls and, to the south, the quay; the belt
//! crosses the river twice, two radials cross it in between, and the bypass once far out: five
//! bridges for the whole town, so that being on the wrong bank costs a real detour.

use std::f64::consts::{PI, TAU};

use super::geometry::{V2, crossing, distance_to_line, noise, v};
use super::plat::Plat;
use super::site::{HALF_HEIGHT, HALF_WIDTH, Quarter, Site};
use super::streets::{Class, Street};
use crate::dice::Dice;

const RADIALS: i32 = 9;
const STEP: f64 = 45.0;
/// Radials that do not cross the river keep at least this far from its middle.
const BANK: f64 = 150.0;

/// The lines of the main roads, before they are drawn.
#[derive(Clone, Debug)]
pub(super) struct Arteries {
    pub(super) ring: Vec<V2>,
    pub(super) belt: Vec<V2>,
    pub(super) radials: Vec<Vec<V2>>,
    bypass: Vec<V2>,
    /// Through the industrial estate, from the belt to the bypass.
    works: Vec<V2>,
    lanes: Vec<Vec<V2>>,
    pub(super) villages: Vec<V2>,
}

impl Arteries {
    pub(super) fn plan(site: &Site, seed: u64) -> Arteries {
        let mut dice = Dice::new(seed, "arteries", 0, 0);
        let ring =
            closed(|angle| along_quay(site, V2::at_angle(angle) * site.ring_radius(angle)), 72);
        let belt = closed(|angle| V2::at_angle(angle) * site.belt_radius(angle), 120);
        let radials: Vec<Vec<V2>> =
            (0..RADIALS).map(|number| radial(site, number, seed, &mut dice)).collect();
        let bypass = bypass(seed);
        let villages = villages(site, &radials, &bypass);
        let lanes = lanes(site, &villages, seed);
        let works = works_road(site, &belt, &bypass);
        Arteries { ring, belt, radials, bypass, works, lanes, villages }
    }

    /// Draws all of them; a radial is one street inside the belt and another outside.
    pub(super) fn draw(&self, plat: &mut Plat, streets: &mut Vec<Street>) {
        let mut draw = |class: Class, maxspeed: u32, line: &[V2]| {
            let mut street = Street::new(class, Quarter::Blocks);
            street.maxspeed = Some(maxspeed);
            plat.draw(&divided(line), streets.len() as u32);
            streets.push(street);
        };
        draw(Class::Secondary, 50, &self.ring);
        draw(Class::Secondary, 50, &self.belt);
        for (number, radial) in self.radials.iter().enumerate() {
            let class = if number % 2 == 0 { Class::Primary } else { Class::Secondary };
            let is_within = |point: &&V2| super::site::inside(**point, &self.belt);
            let within = radial.iter().take_while(is_within).count();
            let class_within = if number % 4 == 0 { Class::Primary } else { Class::Secondary };
            draw(class_within, 50, &radial[..(within + 1).min(radial.len())]);
            draw(class, 70, &radial[within.min(radial.len() - 1)..]);
        }
        draw(Class::Trunk, 100, &self.bypass);
        draw(Class::Tertiary, 50, &self.works);
        for lane in &self.lanes {
            draw(Class::Unclassified, 80, lane);
        }
    }
}

/// The same line with points close enough together that every bridge begins and ends at the bank.
fn divided(line: &[V2]) -> Vec<V2> {
    let mut fine: Vec<V2> = line.first().copied().into_iter().collect();
    for pair in line.windows(2) {
        let pieces = (pair[0].distance(pair[1]) / 28.0).ceil().max(1.0) as u32;
        let share = |piece: u32| f64::from(piece) / f64::from(pieces);
        fine.extend((1..=pieces).map(|piece| pair[0].toward(pair[1], share(piece))));
    }
    fine
}

fn closed(point: impl Fn(f64) -> V2, count: i32) -> Vec<V2> {
    (0..=count).map(|step| point(f64::from(step % count) * TAU / f64::from(count))).collect()
}

/// South of the market the ring gives way to the river and becomes the quay.
fn along_quay(site: &Site, point: V2) -> V2 {
    let quay = site.river.y(point.x) + site.river.half_width() + 40.0;
    v(point.x, point.y.max(quay))
}

fn radial(site: &Site, number: i32, seed: u64, dice: &mut Dice) -> Vec<V2> {
    let angle = (f64::from(number) + dice.between(-0.22, 0.22)) * TAU / f64::from(RADIALS) + 0.35;
    let crosses = V2::at_angle(angle).y < -0.55;
    let mut point = along_quay(site, V2::at_angle(angle) * site.ring_radius(angle));
    let mut line = vec![point];
    for step in 0..200 {
        let bend = noise(seed ^ 3, f64::from(number) * 17.0, f64::from(step) * STEP / 700.0);
        let heading = V2::at_angle(angle + 0.42 * bend);
        let heading = beside_river(site, point, heading, crosses);
        point = point + heading * STEP;
        line.push(point);
        if point.x.abs() > HALF_WIDTH || point.y.abs() > HALF_HEIGHT {
            break;
        }
    }
    line
}

/// Turns a road square to the river if it is to cross it, else along the bank before it gets wet.
fn beside_river(site: &Site, point: V2, heading: V2, crosses: bool) -> V2 {
    let flow = site.river.direction(point.x);
    let offset = site.river.offset(point);
    if crosses && offset.abs() < BANK + 60.0 {
        return flow.left() * -1.0;
    }
    let next = site.river.offset(point + heading * STEP);
    if !crosses && next.abs() < BANK && next.abs() < offset.abs() {
        let side = if heading.dot(flow) < 0.0 { -1.0 } else { 1.0 };
        return flow * side;
    }
    heading
}

/// Half around the town on the north and east, then out over the river.
fn bypass(seed: u64) -> Vec<V2> {
    let at = |step: i32| {
        let angle = PI * 0.86 - f64::from(step) * PI * 1.1 / 90.0;
        let wobble = 1.0 + 0.04 * noise(seed ^ 9, f64::from(step) / 14.0, 0.5);
        let ray = V2::at_angle(angle);
        v(ray.x * 3_950.0, ray.y * 3_200.0) * wobble
    };
    let mut line: Vec<V2> = (0..=90).map(at).collect();
    let (first, second) = (line[0], line[1]);
    let (last, before) = (line[line.len() - 1], line[line.len() - 2]);
    let tail = |from: V2, toward: V2| {
        let heading = (from - toward).unit();
        let steps = (1..60).map(move |step| from + heading * (f64::from(step) * 60.0));
        steps.take_while(|point| {
            point.x.abs() < HALF_WIDTH + 50.0 && point.y.abs() < HALF_HEIGHT + 50.0
        })
    };
    let start: Vec<V2> = tail(first, second).collect();
    line.extend(tail(last, before).collect::<Vec<_>>());
    start.into_iter().rev().chain(line).collect()
}

/// From the middle of the estate along its axis both ways, to the belt and to the bypass.
fn works_road(site: &Site, belt: &[V2], bypass: &[V2]) -> Vec<V2> {
    let center = site.industry.center + site.industry_axis.left() * 60.0;
    let arm = |axis: V2| {
        let mut arm = vec![center];
        for step in 1..90 {
            let (from, to) = (arm[arm.len() - 1], center + axis * (f64::from(step) * 40.0));
            let mut lines = [belt, bypass].into_iter().flat_map(|line| line.windows(2));
            if let Some((share, _)) = lines.find_map(|pair| crossing(from, to, pair[0], pair[1])) {
                arm.push(from.toward(to, share));
                break;
            }
            arm.push(to);
        }
        arm
    };
    let (west, east) = (arm(site.industry_axis * -1.0), arm(site.industry_axis));
    west.into_iter().rev().chain(east.into_iter().skip(1)).collect()
}

/// A village on every other radial, well outside the town and away from the bypass.
fn villages(site: &Site, radials: &[Vec<V2>], bypass: &[V2]) -> Vec<V2> {
    let site_of = |radial: &Vec<V2>| {
        let fits = |point: &&V2| {
            let far = v(point.x * 0.88, point.y).length() > 3_900.0;
            let on_map = point.x.abs() < HALF_WIDTH - 380.0 && point.y.abs() < HALF_HEIGHT - 380.0;
            let clear = distance_to_line(**point, bypass) > 320.0;
            far && on_map && clear && site.river.offset(**point).abs() > 330.0
        };
        radial.iter().find(fits).copied()
    };
    radials.iter().filter_map(site_of).collect()
}

/// Lanes from each village to the next around the town, where no river lies between.
fn lanes(site: &Site, villages: &[V2], seed: u64) -> Vec<Vec<V2>> {
    let dry = |line: &Vec<V2>| !line.iter().any(|point| site.is_wet(*point));
    let next = villages.iter().cycle().skip(1);
    let pairs = villages.iter().zip(next).filter(|(a, b)| a.distance(**b) < 3_400.0);
    pairs.map(|(a, b)| lane(*a, *b, seed)).filter(dry).collect()
}

fn lane(from: V2, to: V2, seed: u64) -> Vec<V2> {
    let across = (to - from).unit().left();
    let steps = (from.distance(to) / 60.0) as i32 + 1;
    let point = |step: i32| {
        let share = f64::from(step) / f64::from(steps);
        let sway = noise(seed ^ 0x15, from.x / 500.0 + share * 3.0, from.y / 500.0);
        // Bows outward, so that lanes stay out of the town, and sways along field boundaries.
        let bow = share * (1.0 - share) * 4.0;
        from.toward(to, share) - across * (bow * (240.0 - 130.0 * sway))
    };
    (0..=steps).map(point).collect()
}
