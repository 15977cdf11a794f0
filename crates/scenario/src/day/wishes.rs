//! Who changes their mind, when, and to what.
//!
//! A wish is drawn for a share of the recipients, without looking at any plan. When it is asked
//! decides what can still be done: before the vans load, or before the second wave does, everything
//! may move; later a parcel can only go where its own van goes, so later wishes stay nearer home.
//!
//! | kind | early | late |
//! |---|---|---|
//! | another address | 31 % | 26 % |
//! | a locker or a shop | 22 % | 24 % |
//! | a window | 20 % | 28 % |
//! | together with others | 20 % | 14 % |
//! | another address and a window | 7 % | 8 % |
//!
//! Who has nothing to bring together asks for a window instead, so those are more in the end.

use std::collections::BTreeMap;

use super::area::Area;
use super::demand::{Awaited, Sort, asks_for_care, door_point};
use super::fleet::Fleet;
use super::places::Places;
use super::promises;
use super::{
    Accept, DayParams, Destination, Goods, Location, Point, Shipment, Together, Urgency,
    WindowWish, Wish,
};
use crate::clock::{DaySecond, Window};
use crate::dice::{Dice, hash_text};
use crate::plane::{Cells, Metres};

/// Median metres to a new address, and the deviation of its logarithm: the neighbours', work, the
/// parents' house.
const EARLY_METRES: f64 = 1_400.0;
const LATE_METRES: f64 = 900.0;
const METRES_SIGMA: f64 = 0.75;
/// Nobody asks for a parcel to follow them farther than this on the same day.
const METRES_MAX: f64 = 6_000.0;
/// A new address is found among the doors this near to where chance pointed.
const SEARCH_METRES: f64 = 1_200.0;
/// The next door is a neighbour's if it is this near.
const NEIGHBOUR_METRES: f64 = 80.0;
/// A window starts no sooner than this after the wish.
const LEAD_SECONDS: u32 = 3_600;

/// When a wish comes: what can have been loaded by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing of the shipment can be on a van.
    Early,
    /// Nor can it then, but it has been sorted and lies at the dock.
    Staged,
    /// It is on its van, or was until it was delivered.
    Late,
}

/// How many ask, and when.
pub(super) struct Asking {
    /// Recipients with a wish, per mille.
    pub(super) permille: u32,
    /// When vans of the morning and of the second wave are out.
    pub(super) out: [Window; 2],
    pub(super) hours: Hours,
}

/// When wishes come.
pub(super) enum Hours {
    /// Before either of two waves loads, and once it is out. So many of a thousand are early.
    Waves { early_permille: u32 },
    /// Before the sort, between sort and loading, and once the vans are out: two, one and two of
    /// five, whatever their number, so that with more wishes those there were stay as they are.
    Stages { from: DaySecond, loading: DaySecond, loaded: DaySecond },
}

impl Asking {
    pub(super) fn around_waves(params: &DayParams, fleet: &Fleet) -> Asking {
        Asking {
            permille: params.wish_permille,
            out: [promises::out(fleet, Sort::Morning), promises::out(fleet, Sort::Noon)],
            hours: Hours::Waves { early_permille: params.unloaded_permille },
        }
    }

    /// The phase of one of `count` wishes.
    fn phase(&self, number: usize, count: usize) -> Phase {
        match self.hours {
            Hours::Waves { early_permille } => {
                let early = (count * early_permille as usize).div_ceil(1000);
                if number < early { Phase::Early } else { Phase::Late }
            }
            Hours::Stages { .. } => match number % 5 {
                0 | 3 => Phase::Early,
                2 => Phase::Staged,
                _ => Phase::Late,
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Address,
    Pickup,
    Window,
    Together,
    AddressAndWindow,
}

const KINDS: [Kind; 5] =
    [Kind::Address, Kind::Pickup, Kind::Window, Kind::Together, Kind::AddressAndWindow];

/// Draws the day's wishes, in the order they are asked.
pub(super) struct Wishing<'a> {
    seed: u64,
    places: &'a Places,
    area: &'a Area,
    demand: &'a Awaited,
    asking: &'a Asking,
    /// Doors of the area, by position in `area.doors`.
    doors: Vec<Metres>,
    cells: Cells,
    /// Shipments of each recipient, and at each point, as indices.
    own: BTreeMap<&'a str, Vec<usize>>,
    at_point: BTreeMap<&'a str, Vec<usize>>,
    /// Doors already delivered to, by location and by name.
    known: BTreeMap<Location, &'a Point>,
    doors_delivered: BTreeMap<&'a str, u32>,
    delivered_at: Vec<Metres>,
    delivered: Cells,
}

impl<'a> Wishing<'a> {
    pub(super) fn new(
        seed: u64,
        places: &'a Places,
        area: &'a Area,
        demand: &'a Awaited,
        asking: &'a Asking,
    ) -> Self {
        let at = |door: &u32| area.plane.metres(places.doors[*door as usize].location);
        let doors: Vec<Metres> = area.doors.iter().map(at).collect();
        let cells = Cells::new(250.0, doors.iter().copied());
        let (mut own, mut at_point) = (BTreeMap::new(), BTreeMap::new());
        for (index, shipment) in demand.shipments.iter().enumerate() {
            own.entry(&*shipment.recipient).or_insert_with(Vec::new).push(index);
            at_point.entry(&*shipment.point).or_insert_with(Vec::new).push(index);
        }
        let points = &demand.points;
        let delivered_at: Vec<Metres> =
            points.iter().map(|point| area.plane.metres(point.location)).collect();
        Wishing {
            seed,
            places,
            area,
            demand,
            asking,
            doors,
            cells,
            own,
            at_point,
            known: points.iter().map(|point| (point.location, point)).collect(),
            doors_delivered: points.iter().map(|point| &*point.id).zip(0..).collect(),
            delivered: Cells::new(250.0, delivered_at.iter().copied()),
            delivered_at,
        }
    }

    pub(super) fn draw(&self) -> Vec<Wish> {
        let mut dice = Dice::new(self.seed, "wishers", 0, 0);
        let mut recipients: Vec<usize> = (0..self.demand.recipients.len()).collect();
        dice.shuffle(&mut recipients);
        let count = (recipients.len() * self.asking.permille as usize + 500) / 1000;
        recipients.truncate(count);
        let mut wishes: Vec<Wish> = recipients
            .into_iter()
            .enumerate()
            .map(|(number, recipient)| self.wish(recipient, self.asking.phase(number, count)))
            .collect();
        wishes.sort_by(|a, b| a.asked.cmp(&b.asked).then_with(|| a.recipient.cmp(&b.recipient)));
        let width = wishes.len().to_string().len().max(3);
        for (number, wish) in wishes.iter_mut().enumerate() {
            wish.id = format!("w-{:0width$}", number + 1);
        }
        wishes
    }

    /// Each recipient's wish has a stream of its own: it stays the same if others are added.
    fn wish(&self, recipient: usize, phase: Phase) -> Wish {
        let mut dice = Dice::new(self.seed, "wish", recipient as u64, 0);
        let id = &self.demand.recipients[recipient].id;
        let own = &self.own[id.as_str()];
        let shipment = &self.demand.shipments[own[dice.index(own.len())]];
        let asked = asked(shipment, &self.asking.hours, phase, &mut dice);
        let kind = self.kind(shipment, phase, &mut dice);
        let away = matches!(kind, Kind::Address | Kind::AddressAndWindow);
        let to = match kind {
            Kind::Pickup => Some(self.pickup(recipient, shipment, &mut dice)),
            _ if away => self.address(recipient, phase, &mut dice),
            _ => None,
        };
        let windows = match kind {
            Kind::Window | Kind::AddressAndWindow => {
                self.windows(shipment, asked, phase, &mut dice)
            }
            _ => WindowWish::Keep,
        };
        Wish {
            id: String::new(),
            asked,
            recipient: id.clone(),
            shipment: shipment.id.clone(),
            to,
            windows,
            together: (kind == Kind::Together).then(|| self.together(shipment)).flatten(),
            accept: accept(&mut dice),
            urgency: urgency(&mut dice),
        }
    }

    fn kind(&self, shipment: &Shipment, phase: Phase, dice: &mut Dice) -> Kind {
        let weights = match phase {
            Phase::Early | Phase::Staged => [0.31, 0.22, 0.20, 0.20, 0.07],
            Phase::Late => [0.26, 0.24, 0.28, 0.14, 0.08],
        };
        let kind = KINDS[dice.weighted(&weights)];
        let already = self.demand.pickups.points.iter().any(|point| point.id == shipment.point);
        match kind {
            // Who waits at a locker does not ask for windows, nor for the locker.
            Kind::Pickup | Kind::Window | Kind::Together if already => Kind::Address,
            Kind::Pickup if shipment.parcels.iter().any(asks_for_care) => Kind::Window,
            Kind::Together if self.together(shipment).is_none() => Kind::Window,
            kind => kind,
        }
    }

    /// A named locker or shop nearby (two in three), or whichever suits.
    fn pickup(&self, recipient: usize, shipment: &Shipment, dice: &mut Dice) -> Destination {
        let parcels = shipment.parcels.len() as u32;
        let nearest = self.demand.pickups.nearest(self.demand.homes[recipient], parcels);
        match nearest.filter(|_| dice.permille(650)) {
            Some(number) => Destination::Point(self.demand.pickups.points[number].id.clone()),
            None => Destination::AnyPickup,
        }
    }

    /// A door at a plausible distance from home.
    fn address(&self, recipient: usize, phase: Phase, dice: &mut Dice) -> Option<Destination> {
        let home = self.demand.homes[recipient];
        let median = if phase == Phase::Late { LATE_METRES } else { EARLY_METRES };
        let away = dice.lognormal(median, METRES_SIGMA).min(METRES_MAX);
        let (sin, cos) = crate::steady::sin_cos(dice.between(0.0, std::f64::consts::TAU));
        let from = self.area.plane.metres(home);
        let toward = (from.0 + cos * away, from.1 + sin * away);
        let location =
            |door: u32| self.places.doors[self.area.doors[door as usize] as usize].location;
        let at = |door: u32| self.doors[door as usize];
        let elsewhere = |door: u32| location(door) != home;
        let found = self.cells.nearest(toward, SEARCH_METRES, at, elsewhere);
        let found = found.or_else(|| self.cells.nearest(from, METRES_MAX, at, elsewhere))?;
        Some(self.destination(self.area.doors[found as usize], recipient, dice))
    }

    fn destination(&self, door: u32, recipient: usize, dice: &mut Dice) -> Destination {
        let door = &self.places.doors[door as usize];
        let known = self.known.get(&door.location);
        if let Some(point) = known {
            return Destination::Point(point.id.clone());
        }
        let id = format!("new-{:05}", recipient + 1);
        Destination::Address(door_point(id, door, dice))
    }

    /// "Which could I have?" as often as a choice of one to three windows.
    fn windows(
        &self,
        shipment: &Shipment,
        asked: DaySecond,
        phase: Phase,
        dice: &mut Dice,
    ) -> WindowWish {
        if dice.chance(0.5) {
            return WindowWish::Suggest;
        }
        let noon = shipment.parcels.iter().any(|parcel| Sort::of(parcel) == Sort::Noon);
        let second_wave = self.asking.out[1].open < self.asking.out[1].close;
        // What is out since the morning comes back in the afternoon: few ask for the evening.
        let evening = phase != Phase::Late && second_wave || dice.permille(120);
        let out =
            if noon || evening && second_wave { self.asking.out[1] } else { self.asking.out[0] };
        let earliest =
            asked.max(self.asking.out[usize::from(noon)].open).plus(LEAD_SECONDS).0.div_ceil(3_600);
        let latest = out.close.minus(LEAD_SECONDS * 3 / 2).0 / 3_600;
        let mut hours: Vec<u32> = (earliest..=latest.min(18)).collect();
        dice.shuffle(&mut hours);
        let mut chosen: Vec<u32> = Vec::new();
        for hour in hours.into_iter().take(1 + dice.weighted(&[0.55, 0.3, 0.15])) {
            if chosen.iter().all(|other| other.abs_diff(hour) > 2) {
                chosen.push(hour);
            }
        }
        chosen.sort_unstable();
        if chosen.is_empty() {
            return WindowWish::Suggest;
        }
        WindowWish::AnyOf(chosen.into_iter().map(|hour| Window::hours(hour, hour + 2)).collect())
    }

    /// What could be brought along: the recipient's own or consenting neighbours', the latter
    /// first for two in five.
    fn together(&self, shipment: &Shipment) -> Option<Together> {
        let shipments = &self.demand.shipments;
        let own: Vec<String> = self.own[&*shipment.recipient]
            .iter()
            .map(|index| shipments[*index].id.clone())
            .filter(|id| *id != shipment.id)
            .collect();
        let apart = shipment.parcels.iter().any(|parcel| parcel.hand_over > 1);
        let own = (apart || !own.is_empty()).then_some(Together::Own { shipments: own });
        let neighbours = self.neighbours(shipment);
        let neighbours =
            (!neighbours.is_empty()).then_some(Together::Neighbours { shipments: neighbours });
        let mut dice = Dice::new(self.seed, "together", hash_text(&shipment.id), 0);
        if dice.permille(400) { neighbours.or(own) } else { own.or(neighbours) }
    }

    /// Shipments that may be handed over with this one: at its door and at the next, of recipients
    /// who agreed to that, as this one's must have.
    fn neighbours(&self, shipment: &Shipment) -> Vec<String> {
        let agrees = |shipment: &Shipment| {
            let id = shipment.recipient.as_str();
            let found = self.demand.recipients.binary_search_by(|one| one.id.as_str().cmp(id));
            let agreed = found.is_ok_and(|index| self.demand.recipients[index].consents.neighbour);
            agreed && shipment.goods == Goods::Normal
        };
        let door = self.doors_delivered.get(&*shipment.point);
        let (Some(door), true) = (door, agrees(shipment)) else { return Vec::new() };
        let at = |door: u32| self.delivered_at[door as usize];
        let next_door =
            self.delivered.nearest(at(*door), NEIGHBOUR_METRES, at, |other| other != *door);
        let points = [Some(*door), next_door].into_iter().flatten();
        points
            .filter_map(|door| self.at_point.get(&*self.demand.points[door as usize].id))
            .flatten()
            .map(|index| &self.demand.shipments[*index])
            .filter(|other| other.recipient != shipment.recipient && agrees(other))
            .map(|other| other.id.clone())
            .collect()
    }
}

fn asked(shipment: &Shipment, hours: &Hours, phase: Phase, dice: &mut Dice) -> DaySecond {
    match *hours {
        Hours::Waves { .. } => asked_around_waves(shipment, phase, dice),
        Hours::Stages { from, loading, loaded } => {
            let ready = shipment.parcels.iter().map(|parcel| parcel.ready);
            let (first, last) = (ready.clone().min(), ready.max());
            match phase {
                Phase::Early => within(from, first.unwrap_or(loading), dice),
                Phase::Staged => within(last.unwrap_or(from).plus(1), loading, dice),
                Phase::Late => soon_after(loaded, dice),
            }
        }
    }
}

/// Early: before the first van loads, or for what comes at noon until shortly before noon. Late:
/// once the van is out.
fn asked_around_waves(shipment: &Shipment, phase: Phase, dice: &mut Dice) -> DaySecond {
    let noon = shipment.parcels.iter().all(|parcel| Sort::of(parcel) == Sort::Noon);
    match (phase, noon) {
        (Phase::Early | Phase::Staged, false) => {
            within(DaySecond::hm(5, 45), DaySecond::hm(7, 20), dice)
        }
        (Phase::Early | Phase::Staged, true) => {
            within(DaySecond::hm(7, 0), DaySecond::hm(11, 45), dice)
        }
        (Phase::Late, noon) => {
            soon_after(if noon { DaySecond::hm(12, 40) } else { DaySecond::hm(8, 20) }, dice)
        }
    }
}

fn within(from: DaySecond, to: DaySecond, dice: &mut Dice) -> DaySecond {
    from.plus(dice.index(to.0.saturating_sub(from.0) as usize) as u32)
}

/// Less and less often as the day goes on.
fn soon_after(out: DaySecond, dice: &mut Dice) -> DaySecond {
    out.plus(dice.exponential(75.0 * 60.0).min(4.5 * 3_600.0) as u32)
}

fn accept(dice: &mut Dice) -> Accept {
    match dice.weighted(&[0.5, 0.44, 0.06]) {
        0 => Accept::BestOffer,
        1 => Accept::OrAlternative { permille: 650 },
        _ => Accept::WalkAway,
    }
}

fn urgency(dice: &mut Dice) -> Urgency {
    if dice.chance(0.45) {
        Urgency::Now
    } else {
        Urgency::Thinks { seconds: dice.whole(15, 240) as u32 }
    }
}
