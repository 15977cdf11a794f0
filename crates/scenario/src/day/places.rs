//! Where parcels could go on a map: doors, lockers, shops, and a site for the depot.
//!
//! Maps differ. One knows every house, another a few buildings, a third nothing but roads. Doors are
//! taken where the map has them (house numbers first, then outlines of buildings); where it has
//! streets and no doors, doors are assumed along the streets, so that no quarter goes without
//! deliveries merely because nobody has mapped its houses.

use std::collections::{BTreeMap, BTreeSet};

use swerve_roads::snap::SnapIndex;
use swerve_roads::{AddressKind, Network, OsmData, Purpose, RoadClass, RoadId, Tags, Way};

use super::{Location, PointKind};
use crate::plane::{LocalPlane, Metres, distance};

/// The map is judged in squares this wide.
const SQUARE: f64 = 400.0;
/// Fewer doors than one for so many metres of street: the square's houses are not mapped.
const STREET_PER_DOOR: f64 = 70.0;
/// Between two assumed doors along a street.
const DOOR_SPACING: f64 = 38.0;
/// From the middle of the street to an assumed door.
const SETBACK: f64 = 9.0;
/// A door farther from any street than this belongs to no stop a van can make.
const WALK_MAX: f64 = 120.0;

/// Where somebody lives or works.
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    pub location: Location,
    /// House, apartments or business.
    pub kind: PointKind,
    /// Street and number, as far as the map knows them.
    pub label: String,
}

/// Somewhere parcels can be picked up, or a depot could stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub location: Location,
    pub label: String,
}

/// What a map offers a carrier.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    pub doors: Vec<Door>,
    pub lockers: Vec<Site>,
    pub shops: Vec<Site>,
    /// Halls and yards; where there are none, spots beside main roads.
    pub depots: Vec<Site>,
}

impl Places {
    /// Takes doors and sites from an extract. O(n log n) in its nodes and ways.
    pub fn from_osm(data: &OsmData) -> Places {
        let mut places = Places::default();
        let addressed = take_addresses(data, &mut places);
        take_buildings(data, &addressed, &mut places);
        take_sites(data, &mut places);
        let streets: Vec<Street> =
            data.ways.iter().filter_map(|way| Street::of_way(data, way)).collect();
        places.complete(&streets);
        places
    }

    /// Assumes doors along the streets of a bare road network.
    pub fn from_network(network: &Network) -> Places {
        let streets: Vec<Street> =
            network.roads().filter_map(|(id, _)| Street::of_road(network, id)).collect();
        let mut places = Places::default();
        places.complete(&streets);
        places
    }

    /// Keeps what lies near a street of `network` a van may stop on, which is connected with all
    /// others. O(n log streets).
    #[must_use]
    pub fn kept_near(mut self, network: &Network) -> Places {
        let index = SnapIndex::new(network);
        let near = |location: Location| {
            let snapped = index.snap(network, location.lat_lng(), Purpose::Halt);
            snapped.is_ok_and(|snapped| snapped.walk_meters <= WALK_MAX)
        };
        self.doors.retain(|door| near(door.location));
        for sites in [&mut self.lockers, &mut self.shops, &mut self.depots] {
            sites.retain(|site| near(site.location));
        }
        self
    }

    /// Fills squares without mapped doors, and finds a place for a depot if the map names none.
    fn complete(&mut self, streets: &[Street]) {
        let Some(first) = streets.iter().find_map(|street| street.line.first()) else { return };
        let plane = LocalPlane::around(*first);
        let square = |(x, y): Metres| ((x / SQUARE).floor() as i64, (y / SQUARE).floor() as i64);
        let mut mapped: BTreeMap<(i64, i64), f64> = BTreeMap::new();
        for door in &self.doors {
            *mapped.entry(square(plane.metres(door.location))).or_default() += 1.0;
        }
        let mut length: BTreeMap<(i64, i64), f64> = BTreeMap::new();
        let assumed: Vec<(Metres, &Street)> = streets
            .iter()
            .filter(|street| street.has_doors)
            .flat_map(|street| street.doors(&plane).into_iter().map(move |at| (at, street)))
            .collect();
        for (at, _) in &assumed {
            *length.entry(square(*at)).or_default() += DOOR_SPACING;
        }
        let is_bare = |cell: &(i64, i64)| {
            mapped.get(cell).copied().unwrap_or(0.0) * STREET_PER_DOOR < length[cell]
        };
        let doors = assumed.into_iter().filter(|(at, _)| is_bare(&square(*at)));
        self.doors.extend(doors.map(|(at, street)| Door {
            location: plane.location(at),
            kind: PointKind::House,
            label: street.label(),
        }));
        if self.depots.is_empty() {
            self.depots = roadside(streets, &plane);
        }
    }
}

/// A street, as far as doors and depots are concerned.
struct Street {
    line: Vec<Location>,
    name: Option<String>,
    /// People live or work along it.
    has_doors: bool,
    /// A main road, beside which a depot would want to stand.
    is_main: bool,
    /// A road to yards and works, on which one could stand.
    is_yard: bool,
}

impl Street {
    fn of_way(data: &OsmData, way: &Way) -> Option<Street> {
        let highway = way.tags.get("highway")?;
        let closed = ["access", "motor_vehicle", "vehicle"].iter().any(|key| {
            matches!(way.tags.get(key), Some("no" | "private" | "agricultural" | "forestry"))
        });
        let line: Vec<Location> = way
            .nodes
            .iter()
            .filter_map(|id| data.node(*id))
            .map(|at| Location::from_lat_lng(at.lat_lng()))
            .collect();
        let tunnel = way.tags.get("tunnel").is_some_and(|tunnel| tunnel != "no");
        let bridge = way.tags.get("bridge").is_some_and(|bridge| bridge != "no");
        (line.len() > 1 && !closed && !tunnel && !bridge)
            .then(|| Street::new(highway, line, way.tags.get("name")))
    }

    /// One of two twins stands for both.
    fn of_road(network: &Network, id: RoadId) -> Option<Street> {
        let road = network.road(id);
        let stands = road.twin.is_none_or(|twin| id < twin);
        let usable = stands && road.halting && !road.restricted && road.class != RoadClass::Gate;
        usable.then(|| {
            let shape = network.shape(id).into_iter();
            let line = shape.map(|at| Location::from_lat_lng(at.lat_lng())).collect();
            Street::new(road.class.name(), line, network.name(id))
        })
    }

    fn new(highway: &str, line: Vec<Location>, name: Option<&str>) -> Street {
        Street {
            line,
            name: name.map(str::to_owned),
            has_doors: matches!(
                highway,
                "residential" | "living_street" | "tertiary" | "unclassified"
            ),
            is_main: matches!(
                highway,
                "motorway_link" | "trunk" | "trunk_link" | "primary" | "primary_link"
            ),
            is_yard: matches!(highway, "unclassified" | "service" | "tertiary"),
        }
    }

    fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| "unnamed street".to_owned())
    }

    /// A door every [`DOOR_SPACING`] metres, on alternate sides.
    fn doors(&self, plane: &LocalPlane) -> Vec<Metres> {
        let points: Vec<Metres> = self.line.iter().map(|at| plane.metres(*at)).collect();
        let mut doors = Vec::new();
        let mut until_next = DOOR_SPACING / 2.0;
        for pair in points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let length = distance(a, b);
            while until_next < length {
                let share = until_next / length;
                let side = if doors.len() % 2 == 0 { SETBACK } else { -SETBACK } / length;
                let out = ((a.1 - b.1) * side, (b.0 - a.0) * side);
                doors.push((a.0 + (b.0 - a.0) * share + out.0, a.1 + (b.1 - a.1) * share + out.1));
                until_next += DOOR_SPACING;
            }
            until_next -= length;
        }
        doors
    }
}

/// Yards within reach of a main road; failing that, any yard road, or any street at all.
fn roadside(streets: &[Street], plane: &LocalPlane) -> Vec<Site> {
    const REACH: f64 = 300.0;
    let cell = |(x, y): Metres| ((x / REACH).floor() as i64, (y / REACH).floor() as i64);
    let mains = streets.iter().filter(|street| street.is_main);
    let near_main: BTreeSet<(i64, i64)> =
        mains.flat_map(|street| &street.line).map(|at| cell(plane.metres(*at))).collect();
    let site = |street: &Street| {
        let middle = street.line.get(street.line.len() / 2)?;
        Some(Site { location: *middle, label: format!("depot, {}", street.label()) })
    };
    let sites = |wanted: &dyn Fn(&Street) -> bool| -> Vec<Site> {
        streets.iter().filter(|street| wanted(street)).filter_map(site).collect()
    };
    let is_near =
        |street: &Street| street.line.iter().any(|at| near_main.contains(&cell(plane.metres(*at))));
    let best = sites(&|street| street.is_yard && is_near(street));
    let second = || sites(&|street| street.is_yard);
    let any = || sites(&|_| true);
    [best].into_iter().chain([second(), any()]).find(|sites| !sites.is_empty()).unwrap_or_default()
}

/// Doors with a house number. Returns the ways that are among them.
fn take_addresses(data: &OsmData, places: &mut Places) -> BTreeSet<i64> {
    let mut outlines = BTreeSet::new();
    for address in data.addresses() {
        let tags = match address.kind {
            AddressKind::Node => data.node_tags.get(&address.id),
            AddressKind::Outline => {
                outlines.insert(address.id);
                let way = data.ways.binary_search_by_key(&address.id, |way| way.id);
                way.ok().map(|idx| &data.ways[idx].tags)
            }
        };
        let street = address.street.as_deref().unwrap_or("no.");
        places.doors.push(Door {
            location: Location::from_lat_lng(address.at),
            kind: tags.map_or(PointKind::House, kind_of),
            label: format!("{street} {}", address.house_number),
        });
    }
    outlines
}

fn kind_of(tags: &Tags) -> PointKind {
    let business = ["office", "shop", "craft", "amenity"].iter().any(|key| tags.get(key).is_some());
    match tags.get("building") {
        _ if business => PointKind::Business,
        Some("apartments" | "dormitory" | "residential") => PointKind::Apartments,
        Some("commercial" | "office" | "retail" | "industrial" | "warehouse" | "hotel") => {
            PointKind::Business
        }
        _ => PointKind::House,
    }
}

/// Outlines of buildings somebody could live or work in; halls are sites for a depot.
fn take_buildings(data: &OsmData, addressed: &BTreeSet<i64>, places: &mut Places) {
    const NOT_A_DOOR: [&str; 14] = [
        "garage",
        "garages",
        "shed",
        "roof",
        "greenhouse",
        "church",
        "chapel",
        "cathedral",
        "stable",
        "barn",
        "farm_auxiliary",
        "hangar",
        "ruins",
        "construction",
    ];
    for way in data.buildings() {
        let kind = way.tags.get("building").unwrap_or("yes");
        let Some(at) = data.centroid(way).map(Location::from_lat_lng) else { continue };
        if matches!(kind, "industrial" | "warehouse") {
            let label = way.tags.get("name").unwrap_or("depot").to_owned();
            places.depots.push(Site { location: at, label });
        } else if !addressed.contains(&way.id) && !NOT_A_DOOR.contains(&kind) {
            let label = way.tags.get("name").unwrap_or("building").to_owned();
            places.doors.push(Door { location: at, kind: kind_of(&way.tags), label });
        }
    }
}

fn take_sites(data: &OsmData, places: &mut Places) {
    let nodes =
        data.node_tags.iter().filter_map(|(id, tags)| Some((data.node(*id)?.lat_lng(), tags)));
    let ways = data.ways.iter().filter(|way| way.tags.get("highway").is_none());
    let ways =
        ways.filter(|way| way.tags.get("amenity").is_some() || way.tags.get("shop").is_some());
    let ways = ways.filter_map(|way| Some((data.centroid(way)?, &way.tags)));
    for (at, tags) in nodes.chain(ways) {
        let location = Location::from_lat_lng(at);
        let site = |what: &str| {
            let name = tags.get("name").or(tags.get("ref")).or(tags.get("addr:street"));
            Site { location, label: name.map_or(what.to_owned(), |name| format!("{what} {name}")) }
        };
        if tags.is("amenity", "parcel_locker") || tags.get("parcel_pickup").is_some() {
            places.lockers.push(site("locker"));
        } else if tags.is("amenity", "post_office") {
            places.shops.push(site("post office"));
        } else if let Some(shop) = tags.get("shop").filter(|shop| takes_parcels(shop)) {
            places.shops.push(site(shop));
        }
    }
}

/// Trades that commonly keep parcels for their neighbourhood.
fn takes_parcels(shop: &str) -> bool {
    matches!(
        shop,
        "kiosk"
            | "newsagent"
            | "convenience"
            | "stationery"
            | "books"
            | "florist"
            | "copyshop"
            | "tobacco"
            | "dry_cleaning"
            | "supermarket"
            | "general"
    )
}
