//! Where people live and what they can walk to: addresses, parcel lockers, post offices, shops.

use super::geometry::{V2, distance_to_segment};
use super::plat::Plat;
use super::site::{Quarter, Site};
use super::streets::{Class, Street};
use crate::dice::Dice;

/// Parcel lockers in town, and how far apart they stand at least.
const LOCKERS: usize = 20;
const LOCKERS_APART: f64 = 560.0;
const POST_OFFICES: usize = 5;
const POST_OFFICES_APART: f64 = 1_300.0;
const SHOPS: usize = 64;
const SHOPS_APART: f64 = 210.0;

/// A house number by the street.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) at: V2,
    pub(super) street: u32,
    pub(super) number: String,
    pub(super) quarter: Quarter,
}

/// Somewhere with a sign over the door.
#[derive(Clone, Debug)]
pub(super) struct Shopfront {
    pub(super) at: V2,
    pub(super) tags: Vec<(&'static str, String)>,
}

/// How houses stand along streets of a quarter.
struct Plots {
    width: f64,
    setback: f64,
    /// Of the houses, how many have their number on the map.
    mapped: f64,
}

fn plots(quarter: Quarter) -> Plots {
    match quarter {
        Quarter::Old => Plots { width: 12.0, setback: 7.5, mapped: 0.34 },
        Quarter::Blocks => Plots { width: 20.0, setback: 12.0, mapped: 0.42 },
        Quarter::Industry => Plots { width: 62.0, setback: 26.0, mapped: 0.6 },
        Quarter::Village => Plots { width: 25.0, setback: 14.0, mapped: 0.3 },
        _ => Plots { width: 19.0, setback: 13.0, mapped: 0.22 },
    }
}

/// Numbers the houses along every street: odd on the left, even on the right.
pub(super) fn number_houses(
    site: &Site,
    plat: &Plat,
    streets: &[Street],
    lines: &[Vec<Vec<u32>>],
    seed: u64,
) -> Vec<Door> {
    let mut doors = Vec::new();
    for (number, street) in streets.iter().enumerate() {
        if has_houses(street) {
            let mut dice = Dice::new(seed, "houses", number as u64, 0);
            let mut row = Row { street: number as u32, walked: 0.0, next: [6.0, 9.0] };
            for line in &lines[number] {
                row.walk(site, plat, line, &mut dice, &mut doors);
            }
        }
    }
    doors
}

fn has_houses(street: &Street) -> bool {
    let closed = matches!(street.class, Class::Trunk | Class::Service | Class::Driveway);
    !closed && !street.roundabout && !street.name.is_empty()
}

/// A street's houses, as numbered so far.
struct Row {
    street: u32,
    walked: f64,
    /// Where the next house may stand, left and right, counted as `walked`.
    next: [f64; 2],
}

impl Row {
    fn walk(
        &mut self,
        site: &Site,
        plat: &Plat,
        line: &[u32],
        dice: &mut Dice,
        doors: &mut Vec<Door>,
    ) {
        for pair in line.windows(2) {
            let (a, b) = (plat.at(pair[0]), plat.at(pair[1]));
            let length = a.distance(b);
            for (side, sign) in [(0, 1.0), (1, -1.0)] {
                while self.next[side] < self.walked + length {
                    let share = ((self.next[side] - self.walked) / length).max(0.0);
                    let foot = a.toward(b, share);
                    let plots = plots(site.quarter(foot));
                    let out =
                        (b - a).unit().left() * (sign * plots.setback * dice.between(0.9, 1.2));
                    let lot = (self.next[side] / plots.width) as u32;
                    let mapped = dice.chance(plots.mapped);
                    let letter = dice.chance(0.03);
                    self.next[side] += plots.width * dice.between(0.85, 1.25);
                    if mapped && stands(site, plat, foot, foot + out) {
                        let number = 2 * lot + 1 + side as u32;
                        let number = format!("{number}{}", if letter { "a" } else { "" });
                        let quarter = site.quarter(foot + out);
                        doors.push(Door { at: foot + out, street: self.street, number, quarter });
                    }
                }
            }
            self.walked += length;
        }
    }
}

/// Whether a house can stand there: on open land, off the corner, no street through its hall.
fn stands(site: &Site, plat: &Plat, foot: V2, door: V2) -> bool {
    let setback = door.distance(foot);
    let clear = plat.around(door, setback).into_iter().filter_map(|id| plat.edge(id)).all(|edge| {
        let (a, b) = plat.ends(edge);
        distance_to_segment(door, a, b) > setback * 0.8
    });
    clear && site.is_open(door)
}

/// Opens lockers, post offices and shops beside some of the doors, each kind well apart.
pub(super) fn open_shops(doors: &[Door], streets: &[Street], seed: u64) -> Vec<Shopfront> {
    let mut dice = Dice::new(seed, "shops", 0, 0);
    let mut order: Vec<&Door> = doors.iter().filter(|door| is_busy(door, streets)).collect();
    dice.shuffle(&mut order);
    let mut fronts = Vec::new();
    for door in spread(&order, LOCKERS, LOCKERS_APART) {
        let number = fronts.len() + 1;
        fronts.push(front(
            door,
            [
                ("amenity", "parcel_locker"),
                ("ref", &format!("PS {number:02}")),
                ("opening_hours", "24/7"),
            ],
        ));
    }
    dice.shuffle(&mut order);
    for door in spread(&order, POST_OFFICES, POST_OFFICES_APART) {
        fronts.push(front(
            door,
            [("amenity", "post_office"), ("name", "Post"), ("opening_hours", "Mo-Fr 08:00-18:00")],
        ));
    }
    dice.shuffle(&mut order);
    let trades = [
        ("supermarket", "Mo-Fr 07:30-19:30; Sa 07:30-18:00"),
        ("convenience", "Mo-Sa 07:00-19:00"),
        ("bakery", "Mo-Fr 06:30-18:00; Sa 06:30-12:30"),
        ("kiosk", "Mo-Fr 06:30-18:30; Sa 07:00-13:00"),
        ("florist", "Mo-Fr 09:00-18:00"),
        ("books", "Mo-Fr 09:00-18:00; Sa 09:00-13:00"),
    ];
    for door in spread(&order, SHOPS, SHOPS_APART) {
        let (shop, hours) = trades[dice.index(trades.len())];
        fronts.push(front(
            door,
            [
                ("shop", shop),
                ("opening_hours", hours),
                ("addr:street", &streets[door.street as usize].name),
            ],
        ));
    }
    fronts
}

fn is_busy(door: &Door, streets: &[Street]) -> bool {
    let street = &streets[door.street as usize];
    street.class.is_main()
        || matches!(door.quarter, Quarter::Old | Quarter::Blocks | Quarter::Village)
}

fn spread<'a>(order: &[&'a Door], count: usize, apart: f64) -> Vec<&'a Door> {
    let mut chosen: Vec<&Door> = Vec::new();
    for door in order {
        let clear = chosen.iter().all(|other| other.at.distance(door.at) > apart);
        if clear && chosen.len() < count {
            chosen.push(door);
        }
    }
    chosen
}

fn front<const N: usize>(door: &Door, tags: [(&'static str, &str); N]) -> Shopfront {
    let tags = tags.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    Shopfront { at: door.at + super::geometry::v(2.0, 1.5), tags }
}
