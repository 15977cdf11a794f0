//! Driving between the places of one search, by small numbers.

use swerve_model::{Leg, Moment, Place, TravelTimes};

use crate::improve::{Brake, Search};
use crate::route::Rules;

/// A place without a place: the end of a route that ends at its last stop. Nothing is driven there.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Driving as a search asks for it.
pub(crate) trait Legs: Sync {
    /// Whether a leg may take less time at a later departure.
    fn varies(&self) -> bool;

    fn leg(&self, from: u32, to: u32, depart: Moment) -> Leg;

    /// [`Legs::leg`], for many legs to one place after another.
    fn leg_to(&self, to: u32, from: u32, depart: Moment) -> Leg {
        self.leg(from, to, depart)
    }

    fn latest_departure(&self, from: u32, to: u32, arrive: Moment) -> Moment;
}

/// Every leg written down once. For travel that takes the same time at every hour.
pub(crate) struct Table {
    places: usize,
    /// Row by row: between one place and all others, there and back. A look for the best gap of one
    /// stop reads one row, and of each place on a route it needs both, one gap after the other.
    pairs: Vec<Pair>,
}

#[derive(Clone, Copy)]
struct Pair {
    there: Leg,
    back: Leg,
}

impl Table {
    /// Asks for all legs between `places`, as of `depart`. O(places squared). May be held up between
    /// two rows, and is finished in any case.
    pub(crate) fn fill(
        travel: &impl TravelTimes,
        places: &[Place],
        depart: Moment,
        brake: &dyn Brake,
    ) -> Table {
        let row = |from: &Place| {
            brake.ends();
            travel.legs(*from, places, depart)
        };
        let legs: Vec<Leg> = places.iter().flat_map(row).collect();
        let count = places.len();
        let cells = (0..count).flat_map(|one| (0..count).map(move |other| (one, other)));
        let pair = |(one, other): (usize, usize)| Pair {
            there: legs[one * count + other],
            back: legs[other * count + one],
        };
        Table { places: count, pairs: cells.map(pair).collect() }
    }

    #[inline]
    fn pair(&self, one: u32, other: u32) -> &Pair {
        &self.pairs[one as usize * self.places + other as usize]
    }
}

impl Legs for Table {
    #[inline]
    fn varies(&self) -> bool {
        false
    }

    #[inline]
    fn leg(&self, from: u32, to: u32, _depart: Moment) -> Leg {
        if to == NOWHERE { Leg::ZERO } else { self.pair(from, to).there }
    }

    #[inline]
    fn leg_to(&self, to: u32, from: u32, _depart: Moment) -> Leg {
        self.pair(to, from).back
    }

    #[inline]
    fn latest_departure(&self, from: u32, to: u32, arrive: Moment) -> Moment {
        arrive - self.leg(from, to, arrive).duration()
    }
}

/// Every leg asked for when it is needed: travel that varies over the day, and plans too large for a
/// table or too soon done with to fill one.
pub(crate) struct Asked<'a, T> {
    pub(crate) travel: &'a T,
    pub(crate) places: Vec<Place>,
    pub(crate) varies: bool,
}

impl<T: TravelTimes> Legs for Asked<'_, T> {
    fn varies(&self) -> bool {
        self.varies
    }

    #[inline]
    fn leg(&self, from: u32, to: u32, depart: Moment) -> Leg {
        if to == NOWHERE {
            return Leg::ZERO;
        }
        self.travel.leg(self.places[from as usize], self.places[to as usize], depart)
    }

    #[inline]
    fn latest_departure(&self, from: u32, to: u32, arrive: Moment) -> Moment {
        if to == NOWHERE {
            return arrive;
        }
        self.travel.latest_departure(self.places[from as usize], self.places[to as usize], arrive)
    }
}

/// A table of more legs is not filled: twice 32 MB, more than the caches hold.
const TABLE_LEGS_MAX: u64 = 4_000_000;

/// About how many legs a ruin-and-recreate round looks at, times what a leg asked for alone costs more
/// than one of a row; a table must save as much as it takes to fill.
const LEGS_PER_ROUND: u64 = 500 * 4;

/// Legs in a table or asked for, whichever suits the search.
pub(crate) enum Known<'a, T> {
    Table(Table),
    Asked(Asked<'a, T>),
}

impl<'a, T: TravelTimes> Known<'a, T> {
    /// The legs between `places` for a search.
    pub(crate) fn for_search(
        travel: &'a T,
        places: Vec<Place>,
        rules: &Rules,
        search: &Search,
    ) -> Known<'a, T> {
        let rounds = search.iterations.saturating_mul(u64::from(search.workers));
        let legs = (places.len() as u64).pow(2);
        let is_worth_while =
            legs <= TABLE_LEGS_MAX && legs <= rounds.saturating_mul(LEGS_PER_ROUND);
        if is_worth_while && !rules.travel_varies {
            // At every hour the same, so any moment will do.
            Known::Table(Table::fill(travel, &places, Moment::EPOCH, search.stop))
        } else {
            Known::Asked(Asked { travel, places, varies: rules.travel_varies })
        }
    }
}

impl<T: TravelTimes> Legs for Known<'_, T> {
    #[inline]
    fn varies(&self) -> bool {
        matches!(self, Known::Asked(asked) if asked.varies)
    }

    #[inline]
    fn leg(&self, from: u32, to: u32, depart: Moment) -> Leg {
        match self {
            Known::Table(table) => table.leg(from, to, depart),
            Known::Asked(asked) => asked.leg(from, to, depart),
        }
    }

    #[inline]
    fn leg_to(&self, to: u32, from: u32, depart: Moment) -> Leg {
        match self {
            Known::Table(table) => table.leg_to(to, from, depart),
            Known::Asked(asked) => asked.leg(from, to, depart),
        }
    }

    #[inline]
    fn latest_departure(&self, from: u32, to: u32, arrive: Moment) -> Moment {
        match self {
            Known::Table(table) => table.latest_departure(from, to, arrive),
            Known::Asked(asked) => asked.latest_departure(from, to, arrive),
        }
    }
}
