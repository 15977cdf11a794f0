//! A dense copy of the part of a plan that a search may change.
//!
//! Stops are nodes, numbered by key; vans are numbered as given. What a stop may do in which van
//! (custody, skills, when its promises are kept from there) is worked out once. What an existing route
//! breaks already is written into its limits, so that the search needs no notion of "no worse": it
//! keeps limits, and the limits are those of the plan it started from.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use swerve_model::{
    Cost, LOAD_DIMENSIONS, Load, Moment, Place, Planar, Ticks, TimeWindow, TravelTimes,
};

use super::legs::{Legs, NOWHERE};
use super::neighbours::Grid;
use crate::instance::{Baseline, Stop, Van, Windows};
use crate::load;
use crate::price::MomentPrice;
use crate::route::{Route, Rules};

/// No node, no tour: the anchor, an end, a stop without a place.
pub(crate) const NONE: u32 = u32::MAX;

/// A stop, for a search.
pub(crate) struct Node {
    pub(crate) place: u32,
    pub(crate) point: Planar,
    pub(crate) service: Ticks,
    pub(crate) load: Load,
    pub(crate) moment: MomentPrice,
    /// The van key it was said to come with.
    pub(crate) told_route: Option<u32>,
    pub(crate) pinned: bool,
    /// Whether it has a place in the plan the space was made from, and so must keep one.
    pub(crate) is_held: bool,
    pub(crate) traits: Traits,
    pub(crate) stop: Arc<Stop>,
    /// Its row in the table of windows; [`NONE`] if any moment will do in every van.
    window_row: u32,
    /// Whether some van sees windows of its own for it.
    is_special: bool,
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
    pub(crate) nodes: Vec<Node>,
    pub(crate) vans: Vec<SearchVan>,
    pub(crate) legs: L,
    pub(crate) rules: Rules,
    windows: WindowTable,
    permitted: Permissions,
    grid: Grid,
    neighbours: Vec<OnceLock<Box<[u32]>>>,
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
        let places = Places::of(routes, unassigned);
        let assigned = routes.iter().flat_map(|route| route.stops());
        let mut stops: Vec<&Arc<Stop>> = assigned.chain(unassigned).collect();
        stops.sort_by_key(|stop| stop.key);
        let mut nodes: Vec<Node> =
            stops.iter().map(|stop| node(stop, &places, travel, rules)).collect();
        let vans = vans(routes, &places);
        characterize(&mut nodes, &vans, travel);
        for stop in routes.iter().flat_map(|route| route.stops()) {
            let node = nodes.binary_search_by_key(&stop.key, |node| node.stop.key);
            nodes[node.expect("made from this plan")].is_held = true;
        }
        let windows = WindowTable::new(&mut nodes, &vans, routes, rules);
        let permitted = Permissions::new(&nodes, &vans, routes, &windows);
        let grid = Grid::new(nodes.iter().map(|node| node.point).collect());
        let neighbours = nodes.iter().map(|_| OnceLock::new()).collect();
        let legs = legs(places.into_vec());
        Space { nodes, vans, legs, rules: *rules, windows, permitted, grid, neighbours }
    }

    /// When `van` may start serving `node`, which it is permitted to; empty for any moment.
    #[inline]
    pub(crate) fn windows(&self, van: u32, node: u32) -> &[TimeWindow] {
        let here = &self.nodes[node as usize];
        if here.window_row == NONE {
            return &[];
        }
        self.windows.of(here, node, &self.vans[van as usize], van).unwrap_or(&[])
    }

    /// Whether custody, skills and promises let `van` serve `node` at all.
    #[inline]
    pub(crate) fn permits(&self, van: u32, node: u32) -> bool {
        self.permitted.has(van, node)
    }

    /// The only vans that may serve `node`, if they are so few that looking at each is best.
    pub(crate) fn few_vans(&self, node: u32) -> Option<&[u32]> {
        self.permitted.few[node as usize].as_deref()
    }

    /// What `node` costs in `van` by being there at all.
    #[inline]
    pub(crate) fn carrier(&self, van: u32, node: u32) -> Cost {
        let told = self.nodes[node as usize].told_route;
        self.rules.prices.carrier(told, self.vans[van as usize].van.key)
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
        self.nodes.binary_search_by_key(&key, |node| node.stop.key).ok().map(|node| node as u32)
    }

    /// The nodes of a route of the plan the space was made from, in order.
    pub(crate) fn nodes_of(&self, route: &Route) -> Vec<u32> {
        let known = |stop: &Arc<Stop>| self.node_of(stop.key).expect("made from this plan");
        route.stops().iter().map(known).collect()
    }
}

/// Every place once, ascending.
struct Places(Vec<Place>);

impl Places {
    fn of(routes: &[Arc<Route>], unassigned: &[Arc<Stop>]) -> Places {
        let positions = routes.iter().flat_map(|route| route.positions());
        let mut places: Vec<Place> = positions.map(|at| at.place).collect();
        places.extend(unassigned.iter().map(|stop| stop.place));
        places.sort_unstable();
        places.dedup();
        Places(places)
    }

    fn index(&self, place: Place) -> u32 {
        self.0.binary_search(&place).expect("a place of this plan") as u32
    }

    fn into_vec(self) -> Vec<Place> {
        self.0
    }
}

fn node(stop: &Arc<Stop>, places: &Places, travel: &impl TravelTimes, rules: &Rules) -> Node {
    Node {
        place: places.index(stop.place),
        point: travel.position(stop.place),
        service: stop.service,
        load: stop.load,
        moment: rules.prices.moments(stop),
        told_route: stop.told_route(),
        pinned: stop.pinned,
        is_held: false,
        traits: Traits::default(),
        stop: Arc::clone(stop),
        window_row: NONE,
        is_special: false,
    }
}

fn characterize(nodes: &mut [Node], vans: &[SearchVan], travel: &impl TravelTimes) {
    let mut starts: Vec<Place> = vans.iter().map(|van| van.van.start).collect();
    starts.sort_unstable();
    starts.dedup();
    let starts: Vec<Planar> = starts.into_iter().map(|start| travel.position(start)).collect();
    let room = |dimension: usize| vans.iter().map(|van| van.room.0[dimension]).max().unwrap_or(0);
    let rooms: [i64; LOAD_DIMENSIONS] = std::array::from_fn(|dimension| room(dimension).max(1));
    for node in nodes {
        let distances = starts.iter().map(|start| start.distance(node.point) as i64);
        let shares = node.load.0.iter().zip(rooms).map(|(load, room)| load * 1_000_000 / room);
        let lengths = node.stop.windows.iter().map(|window| window.length().0);
        node.traits = Traits {
            size: shares.sum(),
            remoteness: distances.min().unwrap_or(0),
            freedom: if node.stop.windows.is_empty() { i64::MAX } else { lengths.sum() },
        };
    }
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

/// When each van may start each stop that has promises.
struct WindowTable {
    windows: Vec<TimeWindow>,
    /// Per row and van number of the column: where its windows lie; empty if it never may.
    spans: Vec<(u32, u32)>,
    columns: usize,
    /// Where one van sees other windows than its column: published there, or late there already.
    special: BTreeMap<(u32, u32), Windows>,
}

impl WindowTable {
    fn new(
        nodes: &mut [Node],
        vans: &[SearchVan],
        routes: &[Arc<Route>],
        rules: &Rules,
    ) -> WindowTable {
        let mut table = WindowTable {
            windows: Vec::new(),
            spans: Vec::new(),
            columns: vans.len(),
            special: BTreeMap::new(),
        };
        let with_windows = nodes.iter_mut().filter(|node| !node.stop.windows.is_empty());
        for (row, node) in with_windows.enumerate() {
            node.window_row = row as u32;
            table.add_row(&node.stop, vans, rules);
        }
        for (node, here) in nodes.iter_mut().enumerate() {
            table.add_published(node as u32, here, vans, rules);
        }
        table.add_standing(nodes, vans, routes);
        table
    }

    /// What vans that published nothing of `stop` see, a column for each first to know.
    fn add_row(&mut self, stop: &Stop, vans: &[SearchVan], rules: &Rules) {
        let unpublished = Stop { baseline: None, ..stop.clone() };
        for (number, van) in vans.iter().enumerate() {
            let from = self.windows.len() as u32;
            if van.window_column == number as u32 {
                let seen = rules.assurance.windows(&unpublished, &van.van);
                self.windows.extend(seen.into_iter().flatten());
            }
            self.spans.push((from, self.windows.len() as u32));
        }
    }

    /// A stop published with too little margin is seen by every van in its own way.
    fn add_published(&mut self, node: u32, here: &mut Node, vans: &[SearchVan], rules: &Rules) {
        let is_bent = |baseline: &Baseline| baseline.margin < rules.assurance.margin;
        if here.window_row == NONE || !here.stop.baseline.as_ref().is_some_and(is_bent) {
            return;
        }
        here.is_special = true;
        for (number, van) in vans.iter().enumerate() {
            let seen = rules.assurance.windows(&here.stop, &van.van).unwrap_or_default();
            self.special.insert((node, number as u32), seen);
        }
    }

    /// A stop that stands late in its route may stay so there.
    fn add_standing(&mut self, nodes: &mut [Node], vans: &[SearchVan], routes: &[Arc<Route>]) {
        for (number, route) in routes.iter().enumerate() {
            for (index, stop) in route.stops().iter().enumerate() {
                let node = nodes.binary_search_by_key(&stop.key, |node| node.stop.key);
                let node = node.expect("made from this plan");
                let standing = route.windows_at(index + 1);
                let here = &nodes[node];
                let number = number as u32;
                let seen = self.of(here, node as u32, &vans[number as usize], number);
                if here.window_row != NONE && seen.unwrap_or(&[]) != standing {
                    self.special.insert((node as u32, number), standing.into());
                    nodes[node].is_special = true;
                }
            }
        }
    }

    /// `None` if `van` never may; the node has a row.
    #[inline]
    fn of(&self, here: &Node, node: u32, van: &SearchVan, number: u32) -> Option<&[TimeWindow]> {
        if here.is_special
            && let Some(special) = self.special.get(&(node, number))
        {
            return (!special.is_empty()).then_some(&special[..]);
        }
        if here.window_row == NONE {
            return None;
        }
        let cell = here.window_row as usize * self.columns + van.window_column as usize;
        let (from, to) = self.spans[cell];
        (from < to).then(|| &self.windows[from as usize..to as usize])
    }
}

/// Which van may serve which stop: a bit for each pair.
struct Permissions {
    words: usize,
    bits: Vec<u64>,
    /// Per node the permitted vans, if at most [`FEW_VANS`].
    few: Vec<Option<Box<[u32]>>>,
}

/// With so few vans each is looked at, wherever it is; a stop aboard has one.
const FEW_VANS: usize = 6;

impl Permissions {
    fn new(
        nodes: &[Node],
        vans: &[SearchVan],
        routes: &[Arc<Route>],
        windows: &WindowTable,
    ) -> Permissions {
        let words = vans.len().div_ceil(64);
        let mut permitted =
            Permissions { words, bits: vec![0; nodes.len() * words], few: Vec::new() };
        for (node, here) in nodes.iter().enumerate() {
            for (number, van) in vans.iter().enumerate() {
                let (node, number) = (node as u32, number as u32);
                let has_time =
                    here.window_row == NONE || windows.of(here, node, van, number).is_some();
                if has_time && van.van.admits(&here.stop).is_ok() {
                    permitted.grant(number, node);
                }
            }
        }
        for (number, route) in routes.iter().enumerate() {
            for stop in route.stops() {
                let node = nodes.binary_search_by_key(&stop.key, |node| node.stop.key);
                // Where it stands it may stay, whatever custody and skills say.
                permitted.grant(number as u32, node.expect("made from this plan") as u32);
            }
        }
        permitted.few = (0..nodes.len() as u32)
            .map(|node| {
                let vans = (0..vans.len() as u32).filter(|van| permitted.has(*van, node));
                let few: Box<[u32]> = vans.take(FEW_VANS + 1).collect();
                (few.len() <= FEW_VANS).then_some(few)
            })
            .collect();
        permitted
    }

    fn row(&self, node: u32) -> &[u64] {
        &self.bits[node as usize * self.words..(node as usize + 1) * self.words]
    }

    fn grant(&mut self, van: u32, node: u32) {
        self.bits[node as usize * self.words + van as usize / 64] |= 1 << (van % 64);
    }

    #[inline]
    fn has(&self, van: u32, node: u32) -> bool {
        self.bits[node as usize * self.words + van as usize / 64] & 1 << (van % 64) != 0
    }

    fn share_a_van(&self, one: u32, other: u32) -> bool {
        self.row(one).iter().zip(self.row(other)).any(|(a, b)| a & b != 0)
    }
}
