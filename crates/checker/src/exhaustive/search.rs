//! Every distribution, every order: depth first, van by van.

use swerve_model::{Cost, Load, Meters, Moment, Place, Stop, StopTimes, Ticks, TravelTimes};

use super::Trip;
use super::puzzle::{Piece, Puzzle};
use crate::promise::{Stand, distance};

/// The cheapest plan below `limit`: for each van, its pieces in order.
pub(super) fn search<T: TravelTimes>(
    puzzle: &Puzzle,
    pieces: &[Piece],
    travel: &T,
    price: &impl Fn(&Trip<'_>) -> Cost,
    limit: Option<Cost>,
) -> Option<(Cost, Vec<Vec<usize>>)> {
    let mut search = Search {
        puzzle,
        pieces,
        travel,
        price,
        orders: vec![Vec::new(); puzzle.vans.len()],
        placed: vec![false; pieces.len()],
        best: None,
        limit,
    };
    search.van(0, Cost::ZERO);
    search.best
}

struct Search<'a, T, P> {
    puzzle: &'a Puzzle,
    pieces: &'a [Piece],
    travel: &'a T,
    price: &'a P,
    orders: Vec<Vec<usize>>,
    placed: Vec<bool>,
    best: Option<(Cost, Vec<Vec<usize>>)>,
    limit: Option<Cost>,
}

/// How one van stands after the stops it has so far.
#[derive(Clone)]
struct Driven {
    place: Place,
    leaves: Moment,
    load: Load,
    driving: Ticks,
    distance: Meters,
    times: Vec<StopTimes>,
}

impl<T: TravelTimes, P: Fn(&Trip<'_>) -> Cost> Search<'_, T, P> {
    fn van(&mut self, index: usize, cost: Cost) {
        if self.limit.is_some_and(|limit| cost >= limit) {
            return;
        }
        let Some(van) = self.puzzle.vans.get(index) else {
            if self.placed.iter().all(|placed| *placed) {
                self.limit = Some(cost);
                self.best = Some((cost, self.orders.clone()));
            }
            return;
        };
        let driven = Driven {
            place: van.start,
            leaves: van.leaves,
            load: van.carried,
            driving: Ticks::ZERO,
            distance: Meters::ZERO,
            times: Vec::new(),
        };
        self.extend(index, &driven, cost);
    }

    fn extend(&mut self, index: usize, driven: &Driven, cost: Cost) {
        if let Some(trip_cost) = self.drive_home(index, driven) {
            self.van(index + 1, cost + trip_cost);
        }
        for piece in 0..self.pieces.len() {
            if self.placed[piece] || !self.may_follow(piece, index) {
                continue;
            }
            if let Some(next) = self.append(index, driven, &self.pieces[piece]) {
                self.placed[piece] = true;
                self.orders[index].push(piece);
                self.extend(index, &next, cost);
                self.orders[index].pop();
                self.placed[piece] = false;
            }
        }
    }

    /// Whether a held piece is on its van and behind those it must follow.
    fn may_follow(&self, piece: usize, index: usize) -> bool {
        let Some((van, rank)) = self.pieces[piece].held else { return true };
        let waits_for = |other: usize| {
            let held = self.pieces[other].held;
            held.is_some_and(|(other_van, other_rank)| other_van == van && other_rank < rank)
        };
        van == index && (0..self.pieces.len()).all(|other| self.placed[other] || !waits_for(other))
    }

    /// The van after `piece` as well; `None` if that breaks a rule.
    fn append(&self, index: usize, driven: &Driven, piece: &Piece) -> Option<Driven> {
        let van = &self.puzzle.vans[index];
        let mut next = driven.clone();
        next.load += piece.load_on[index]?;
        if !next.load.fits(van.room) {
            return None;
        }
        self.go(&mut next, piece.halt.place);
        let rules = piece.rules.iter().map(|windows| &windows[..]);
        let times = piece.halt.times(&rules, next.leaves, self.puzzle.now);
        let is_kept = piece.promises.iter().all(|(promise, needed)| {
            let risk = &self.puzzle.risk;
            let stand = Stand::of(promise, &piece.point, van.known, times.start, risk);
            needed.is_met_by(&stand)
        });
        let off_opening = distance(&piece.point.opening, times.start).unwrap_or(Ticks::ZERO);
        if !is_kept || off_opening > piece.off_opening_max {
            return None;
        }
        next.leaves = times.departure;
        next.times.push(times);
        Some(next)
    }

    /// Drives to `place`, and moves `leaves` to the arrival. Where no road leads takes years, so that the
    /// van is back in time only if it was as late before.
    fn go(&self, driven: &mut Driven, place: Place) {
        let leg = self.travel.leg(driven.place, place, driven.leaves);
        driven.driving += leg.duration();
        driven.distance += leg.distance();
        driven.leaves += leg.duration();
        driven.place = place;
    }

    /// The price of the van's day as it stands; `None` if it is not back in time.
    fn drive_home(&self, index: usize, driven: &Driven) -> Option<Cost> {
        let van = &self.puzzle.vans[index];
        let mut home = driven.clone();
        let stays = van.may_stay && driven.times.is_empty();
        if !stays {
            self.go(&mut home, van.home);
            if home.leaves > van.back_by {
                return None;
            }
        }
        let stops: Vec<&Stop> =
            self.orders[index].iter().map(|piece| &self.pieces[*piece].stop).collect();
        Some((self.price)(&Trip {
            route: index,
            stops: &stops,
            times: &driven.times,
            driving: home.driving,
            distance: home.distance,
            back: (!stays).then_some(home.leaves),
        }))
    }
}
