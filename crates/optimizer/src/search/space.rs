//! A dense copy of the part of a plan that a search may change.
//!
//! Stops are nodes, numbered by key; vans are numbered as given. What a stop may do in which van
//! (custody, skills, when its promises are kept from there) is worked out once. What an existing route
//! breaks already is written into its limits, so that the search needs no notion of "no worse": it
//! keeps limits, and the limits are those of the plan it started from.

mod permissions;
mod places;
mod windows;

use std::sync::{Arc, OnceLock};

use swerve_model::{
    Cost, LOAD_DIMENSIONS, Load, Moment, Place, Planar, Ticks, TimeWindow, TravelTimes,
};

use super::legs::{Legs, NOWHERE};
use super::neighbours::Grid;
use crate::instance::{Stop, Van};
use crate::load;
use crate::price::MomentPrice;
use crate::route::{Route, Rules};
use permissions::Permissions;
use places::Places;
use windows::WindowTable;

/// No node, no tour: the anchor, an end, a stop without a place.
pub(crate) const NONE: u32 = u32::MAX;

/// A stop, for a search: what is read at every turn, kept small.
pub(crate) struct Node {
    pub(crate) place: u32,
    /// Its row in the table of windows; [`NONE`] if any moment will do in every van.
    window_row: u32,
    pub(crate) service: Ticks,
    pub(crate) moment: MomentPrice,
    /// The van key it was said to come with.
    told_route: Option<u32>,
    pub(crate) pinned: bool,
    /// Whether it has a place in the plan the space was made from, and so must keep one.
    pub(crate) is_held: bool,
    /// Whether some van sees windows of its own for it.
    is_special: bool,
}

/// The rest of a stop.
pub(crate) struct Body {
    pub(crate) stop: Arc<Stop>,
    pub(crate) load: Load,
    pub(crate) traits: Traits,
}

/// What orders stops when several are put back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traits {
    /// Share of a van's room it takes, in millionths, summed over dimensions.
    pub(crate) size: i64,
    /// Metres to the nearest van.
    pub(crate) remoteness: i64,
    /// Ticks in which its service may start.
    pub(crate) freedom: i64,
}

/// A van, for a search.
pub(crate) struct SearchVan {
    pub(crate) van: Arc<Van>,
    pub(crate) key: u32,
    pub(crate) start: u32,
    /// [`NOWHERE`] if the route ends at its last stop.
    pub(crate) end: u32,
    pub(crate) depart: Moment,
    pub(crate) shift_end: Moment,
    /// The hard end, or the present end where that is later.
    pub(crate) end_limit: Moment,
    /// Room for deliveries: the capacity, or what the route has now where that is more.
    pub(crate) room: Load,
    pub(crate) use_cost: Option<Cost>,
    /// Vans of one kind differ in nothing but their key.
    pub(crate) kind: u32,
    /// Its column in the table of windows: vans that know their future from the same moment on.
    window_column: u32,
}

/// The part of a plan to search, and driving in it.
pub(crate) struct Space<L> {
    /// By key of the stop.
    pub(crate) nodes: Vec<Node>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) vans: Vec<SearchVan>,
    pub(crate) legs: L,
    pub(crate) rules: Rules,
    windows: WindowTable,
    permitted: Permissions,
    grid: Grid,
    neighbours: Vec<OnceLock<Box<[u32]>>>,
    /// The nodes of each route the space was made from, in order.
    pub(crate) standing: Vec<Vec<u32>>,
}

/// How many neighbours a stop has at most. With 20 too few routes are seen, with 100 more time goes
/// than is gained (`research/algorithms.md` §9.2).
pub(crate) const NEIGHBOURS: usize = 40;

impl<L: Legs> Space<L> {
    /// The space of `routes` as they stand and of `unassigned`, with the legs that `legs` makes for
    /// the places it is given.
    pub(crate) fn new<T: TravelTimes>(
        routes: &[Arc<Route>],
        unassigned: &[Arc<Stop>],
        travel: &T,
        rules: &Rules,
        legs: impl FnOnce(Vec<Place>) -> L,
    ) -> Space<L> {
        let places = Places::of(routes, unassigned, travel);
        let assigned = routes.iter().flat_map(|route| route.stops());
        let mut stops: Vec<Arc<Stop>> = assigned.chain(unassigned).cloned().collect();
        stops.sort_by_key(|stop| stop.key);
        let standing: Vec<Vec<u32>> = routes.iter().map(|route| numbers(route, &stops)).collect();
        let vans = vans(routes, &places);
        let windows = WindowTable::new(&stops, &vans, routes, &standing, rules);
        let permitted = Permissions::new(&stops, &vans, &standing, &windows);
        let points: Vec<Planar> = stops.iter().map(|stop| travel.position(stop.place)).collect();
        let traits = traits(&stops, &points, &vans, travel);
        let mut nodes: Vec<Node> = (0..stops.len())
            .map(|node| Node {
                place: places.index(stops[node].place),
                window_row: windows.rows[node],
                service: stops[node].service,
                moment: rules.prices.moments(&stops[node]),
                told_route: stops[node].told_route(),
                pinned: stops[node].pinned,
                is_held: false,
                is_special: windows.is_special[node],
            })
            .collect();
        for node in standing.iter().flatten() {
            nodes[*node as usize].is_held = true;
        }
        let body = |(stop, traits): (Arc<Stop>, Traits)| Body { load: stop.load, stop, traits };
        Space {
            neighbours: nodes.iter().map(|_| OnceLock::new()).collect(),
            nodes,
            bodies: stops.into_iter().zip(traits).map(body).collect(),
            vans,
            legs: legs(places.into_vec()),
            rules: *rules,
            windows,
            permitted,
            grid: Grid::new(points),
            standing,
        }
    }

    /// Whether any moment will do for `node`, in every van.
    pub(crate) fn is_open(&self, node: u32) -> bool {
        self.nodes[node as usize].window_row == NONE
    }

    /// When `van` may start serving `node`, which it is permitted to; empty for any moment.
    #[inline]
    pub(crate) fn windows(&self, van: u32, node: u32) -> &[TimeWindow] {
        if self.nodes[node as usize].window_row == NONE {
            return &[];
        }
        self.promised_windows(van, node)
    }

    fn promised_windows(&self, van: u32, node: u32) -> &[TimeWindow] {
        let here = &self.nodes[node as usize];
        if here.is_special {
            return self.windows.of(node, van, &self.vans[van as usize]);
        }
        self.windows.in_row(here.window_row, &self.vans[van as usize])
    }

    /// Whether custody, skills and promises let `van` serve `node` at all.
    #[inline]
    pub(crate) fn permits(&self, van: u32, node: u32) -> bool {
        self.permitted.has(van, node)
    }

    /// The only vans that may serve `node`, if they are so few that looking at each is best.
    pub(crate) fn few_vans(&self, node: u32) -> Option<&[u32]> {
        self.permitted.few(node)
    }

    /// What `node` costs in `van` by being there at all.
    #[inline]
    pub(crate) fn carrier(&self, van: u32, node: u32) -> Cost {
        let told = self.nodes[node as usize].told_route;
        self.rules.prices.carrier(told, self.vans[van as usize].key)
    }

    /// The nearest other nodes that could share a van with `node`, nearest first, at most
    /// [`NEIGHBOURS`]. Worked out when first asked for.
    pub(crate) fn neighbours(&self, node: u32) -> &[u32] {
        self.neighbours[node as usize].get_or_init(|| {
            self.grid.nearest(node, NEIGHBOURS, |other| self.permitted.share_a_van(node, other))
        })
    }

    /// The number of the stop with that key.
    pub(crate) fn node_of(&self, key: u32) -> Option<u32> {
        let found = self.bodies.binary_search_by_key(&key, |body| body.stop.key);
        found.ok().map(|node| node as u32)
    }
}

/// The numbers of a route's stops, in order.
fn numbers(route: &Route, stops: &[Arc<Stop>]) -> Vec<u32> {
    let number = |stop: &Arc<Stop>| {
        let found = stops.binary_search_by_key(&stop.key, |other| other.key);
        found.expect("a stop of this plan") as u32
    };
    route.stops().iter().map(number).collect()
}

fn traits(
    stops: &[Arc<Stop>],
    points: &[Planar],
    vans: &[SearchVan],
    travel: &impl TravelTimes,
) -> Vec<Traits> {
    let mut starts: Vec<Place> = vans.iter().map(|van| van.van.start).collect();
    starts.sort_unstable();
    starts.dedup();
    let starts: Vec<Planar> = starts.into_iter().map(|start| travel.position(start)).collect();
    let room = |dimension: usize| vans.iter().map(|van| van.room.0[dimension]).max().unwrap_or(0);
    let rooms: [i64; LOAD_DIMENSIONS] = std::array::from_fn(|dimension| room(dimension).max(1));
    let of = |(stop, point): (&Arc<Stop>, &Planar)| {
        let distances = starts.iter().map(|start| start.distance(*point) as i64);
        // Loads beyond a billion are no larger than that, and so cannot overflow.
        let load = |load: &i64| (*load).clamp(0, 1_000_000_000) * 1_000_000;
        let shares = stop.load.0.iter().zip(rooms).map(|(amount, room)| load(amount) / room);
        let lengths = stop.windows.iter().map(|window| window.length().0);
        Traits {
            size: shares.sum(),
            remoteness: distances.min().unwrap_or(0),
            freedom: if stop.windows.is_empty() { i64::MAX } else { lengths.sum() },
        }
    };
    stops.iter().zip(points).map(of).collect()
}

fn vans(routes: &[Arc<Route>], places: &Places) -> Vec<SearchVan> {
    let mut vans: Vec<SearchVan> = Vec::with_capacity(routes.len());
    for route in routes {
        let van = route.van();
        let aboard = route.load().peak() + van.carried;
        let is_alike = |other: &&SearchVan| {
            let same_but_key = Van { key: other.van.key, ..(**van).clone() };
            same_but_key == *other.van
        };
        let first_alike = vans.iter().find(is_alike);
        let first_to_know = vans.iter().find(|other| other.van.known == van.known);
        let count = vans.len() as u32;
        vans.push(SearchVan {
            van: Arc::clone(van),
            key: van.key,
            start: places.index(van.start),
            end: van.end.map_or(NOWHERE, |end| places.index(end)),
            depart: van.depart,
            shift_end: van.shift_end,
            end_limit: route.end_limit(),
            room: load::room(van.capacity, aboard) - van.carried,
            use_cost: van.use_cost,
            kind: first_alike.map_or(count, |other| other.kind),
            window_column: first_to_know.map_or(count, |other| other.window_column),
        });
    }
    vans
}
