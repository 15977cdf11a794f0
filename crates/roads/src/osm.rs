//! What is kept of an OpenStreetMap extract: every node's position, and the ways and tags that
//! bear on driving and delivering.
//!
//! Nodes are 16 bytes each and sorted, found by binary search; texts are shared. A metropolitan
//! area takes tens of megabytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use geo::{Centroid, LineString, Polygon};
use swerve_model::LatLng;

use crate::error::RoadsError;
use crate::pbf::{self, Element, MemberKind, TagsRef};

/// Ten-millionths of a degree, OpenStreetMap's own resolution: about a centimetre.
///
/// Always on Earth: latitude within ±90°, longitude within ±180°.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coord {
    pub latitude_e7: i32,
    pub longitude_e7: i32,
}

impl Coord {
    /// `None` if off Earth.
    pub fn from_e7(latitude_e7: i32, longitude_e7: i32) -> Option<Coord> {
        let on_earth = latitude_e7.unsigned_abs() <= 900_000_000
            && longitude_e7.unsigned_abs() <= 1_800_000_000;
        on_earth.then_some(Coord { latitude_e7, longitude_e7 })
    }

    /// Rounded to the nearest ten-millionth of a degree.
    pub fn from_lat_lng(at: LatLng) -> Coord {
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        Coord { latitude_e7: e7(at.latitude()), longitude_e7: e7(at.longitude()) }
    }

    pub fn lat_lng(self) -> LatLng {
        LatLng::new(self.latitude(), self.longitude()).expect("a Coord is on Earth")
    }

    /// Degrees.
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude_e7) / 1e7
    }

    /// Degrees.
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude_e7) / 1e7
    }

    /// The smaller of each coordinate.
    pub(crate) fn min(self, other: Coord) -> Coord {
        Coord {
            latitude_e7: self.latitude_e7.min(other.latitude_e7),
            longitude_e7: self.longitude_e7.min(other.longitude_e7),
        }
    }

    /// The larger of each coordinate.
    pub(crate) fn max(self, other: Coord) -> Coord {
        Coord {
            latitude_e7: self.latitude_e7.max(other.latitude_e7),
            longitude_e7: self.longitude_e7.max(other.longitude_e7),
        }
    }
}

/// Keys and values, in the file's order; cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<(Arc<str>, Arc<str>)>);

impl Tags {
    pub fn new() -> Tags {
        Tags::default()
    }

    /// The value of `key`. O(number of tags), which are few.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value)
    }

    /// Whether `key` has exactly this value.
    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// Adds a tag; the caller sees to it that a key comes once.
    pub fn push(&mut self, key: &str, value: &str) {
        self.0.push((Arc::from(key), Arc::from(value)));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a, const N: usize> From<[(&'a str, &'a str); N]> for Tags {
    fn from(tags: [(&'a str, &'a str); N]) -> Tags {
        tags.into_iter().collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Tags {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(tags: I) -> Tags {
        Tags(tags.into_iter().map(|(key, value)| (Arc::from(key), Arc::from(value))).collect())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: i64,
    pub at: Coord,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub id: i64,
    /// Node ids in order; the first again at the end if it is a ring.
    pub nodes: Vec<i64>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    pub id: i64,
    pub members: Vec<Member>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub kind: MemberKind,
    pub id: i64,
    pub role: Arc<str>,
}

/// Which file it was, told by its length and checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    pub bytes: u64,
    pub crc32c: u32,
}

/// An extract, as far as Swerve uses it.
///
/// Invariant, which [`read_osm`] establishes and [`pbf::write_osm`] asks for: nodes, ways and
/// relations ascend by id. A way may name nodes that are not here, as it does where an extract was
/// cut along a boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsmData {
    /// Every node of the file.
    pub nodes: Vec<Node>,
    /// Tags of those nodes that have one of [`NODE_KEYS`]; all tags of each.
    pub node_tags: BTreeMap<i64, Tags>,
    /// Ways that have one of [`WAY_KEYS`].
    pub ways: Vec<Way>,
    /// Turn restrictions.
    pub relations: Vec<Relation>,
    /// The file it was read from; `None` for data made otherwise.
    pub source: Option<SourceFile>,
}

/// A node with any of these keys keeps its tags: barriers, doors, lockers and shops.
pub const NODE_KEYS: [&str; 5] = ["barrier", "addr:housenumber", "amenity", "shop", "highway"];

/// A way with any of these keys is kept: roads, ferries, and what parcels are delivered to.
pub const WAY_KEYS: [&str; 6] =
    ["highway", "route", "building", "addr:housenumber", "amenity", "shop"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    Node,
    /// A way around the building or the plot.
    Outline,
}

/// A house number and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    pub kind: AddressKind,
    /// Of the node or way, by `kind`.
    pub id: i64,
    pub at: LatLng,
    pub house_number: String,
    pub street: Option<String>,
}

impl OsmData {
    /// Where a node is. O(log nodes).
    pub fn node(&self, id: i64) -> Option<Coord> {
        self.node_idx(id).map(|idx| self.nodes[idx].at)
    }

    pub(crate) fn node_idx(&self, id: i64) -> Option<usize> {
        self.nodes.binary_search_by_key(&id, |node| node.id).ok()
    }

    /// Everything that has a house number: nodes, then outlines, each by id.
    pub fn addresses(&self) -> Vec<Address> {
        let nodes = self.node_tags.iter().filter_map(|(id, tags)| {
            self.node(*id).and_then(|at| address(AddressKind::Node, *id, at.lat_lng(), tags))
        });
        let outlines = self.ways.iter().filter(|way| way.tags.get("addr:housenumber").is_some());
        let outlines = outlines.filter_map(|way| {
            let at = self.centroid(way)?;
            address(AddressKind::Outline, way.id, at, &way.tags)
        });
        nodes.chain(outlines).collect()
    }

    /// Ways tagged as a building, by id.
    pub fn buildings(&self) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(|way| way.tags.get("building").is_some_and(|kind| kind != "no"))
    }

    /// The middle of a way's outline; `None` if none of its nodes is here.
    pub fn centroid(&self, way: &Way) -> Option<LatLng> {
        let corners = way.nodes.iter().filter_map(|id| self.node(*id));
        // Relative to the first corner, or the area of a house drowns in the rounding of degrees.
        let mut corners = corners.peekable();
        let origin = *corners.peek()?;
        let ring: LineString = corners
            .map(|at| (at.longitude() - origin.longitude(), at.latitude() - origin.latitude()))
            .collect();
        let middle = Polygon::new(ring, Vec::new()).centroid()?;
        LatLng::new(origin.latitude() + middle.y(), origin.longitude() + middle.x()).ok()
    }

    /// Restores the invariant after elements were added in any order.
    ///
    /// # Errors
    /// [`RoadsError::Duplicate`] if an id comes twice.
    pub fn sort(&mut self) -> Result<(), RoadsError> {
        self.nodes.sort_by_key(|node| node.id);
        self.ways.sort_by_key(|way| way.id);
        self.relations.sort_by_key(|relation| relation.id);
        unique("node", self.nodes.iter().map(|node| node.id))?;
        unique("way", self.ways.iter().map(|way| way.id))?;
        unique("relation", self.relations.iter().map(|relation| relation.id))
    }
}

fn address(kind: AddressKind, id: i64, at: LatLng, tags: &Tags) -> Option<Address> {
    let house_number = tags.get("addr:housenumber")?.to_owned();
    let street = tags.get("addr:street").map(str::to_owned);
    Some(Address { kind, id, at, house_number, street })
}

fn unique(kind: &'static str, ids: impl Iterator<Item = i64>) -> Result<(), RoadsError> {
    let mut last = None;
    for id in ids {
        if last == Some(id) {
            return Err(RoadsError::Duplicate { kind, id });
        }
        last = Some(id);
    }
    Ok(())
}

/// Reads an OSM PBF extract and keeps what Swerve uses of it.
///
/// Memory: 16 bytes a node, and the ways and tags kept. Turn restrictions are kept as they are.
///
/// # Errors
/// The stream's; [`RoadsError::Pbf`] with the byte and the fault; [`RoadsError::Duplicate`].
pub fn read_osm(reader: impl Read) -> Result<OsmData, RoadsError> {
    let mut data = OsmData::default();
    let mut texts = Texts::default();
    let source = pbf::read_elements(reader, |element| {
        keep(&mut data, &mut texts, &element);
        Ok(())
    })?;
    data.source = Some(source);
    data.sort()?;
    data.nodes.shrink_to_fit();
    Ok(data)
}

fn keep(data: &mut OsmData, texts: &mut Texts, element: &Element<'_>) {
    match *element {
        Element::Node { id, at, tags } => {
            data.nodes.push(Node { id, at });
            if has_any(tags, &NODE_KEYS) {
                data.node_tags.insert(id, texts.tags(tags));
            }
        }
        Element::Way { id, nodes, tags } => {
            if has_any(tags, &WAY_KEYS) {
                data.ways.push(Way { id, nodes: nodes.to_vec(), tags: texts.tags(tags) });
            }
        }
        Element::Relation { id, members, tags } => {
            if tags.contains(&("type", "restriction")) {
                let member = |member: &pbf::MemberRef<'_>| Member {
                    kind: member.kind,
                    id: member.id,
                    role: texts.shared(member.role),
                };
                let members = members.iter().map(member).collect();
                data.relations.push(Relation { id, members, tags: texts.tags(tags) });
            }
        }
    }
}

fn has_any(tags: TagsRef<'_>, keys: &[&str]) -> bool {
    tags.iter().any(|(key, _)| keys.contains(key))
}

/// Each distinct text once: `highway` is written on every road.
#[derive(Default)]
struct Texts(BTreeSet<Arc<str>>);

impl Texts {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&text));
        text
    }

    fn tags(&mut self, tags: TagsRef<'_>) -> Tags {
        Tags(tags.iter().map(|(key, value)| (self.shared(key), self.shared(value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plot of two by one thousandths of a degree, and a letter box in front of it.
    fn plot() -> OsmData {
        let mut data = OsmData::default();
        let corners = [(0, 0), (2, 0), (2, 1), (0, 1), (1, -1)];
        for (idx, (x, y)) in corners.into_iter().enumerate() {
            let at = Coord::from_e7(480_000_000 + y * 10_000, 160_000_000 + x * 10_000);
            data.nodes.push(Node { id: idx as i64 + 1, at: at.expect("on Earth") });
        }
        data.node_tags
            .insert(5, Tags::from([("addr:housenumber", "7a"), ("addr:street", "Am Ufer")]));
        let tags = Tags::from([("building", "house"), ("addr:housenumber", "7")]);
        data.ways.push(Way { id: 1, nodes: vec![1, 2, 3, 4, 1], tags });
        let tags = Tags::from([("building", "no")]);
        data.ways.push(Way { id: 2, nodes: vec![1, 2], tags });
        data
    }

    #[test]
    fn a_house_is_addressed_at_its_door_or_in_its_middle() {
        let data = plot();
        let [door, house] = &data.addresses()[..] else { panic!("{:?}", data.addresses()) };
        assert_eq!((door.kind, door.id, door.house_number.as_str()), (AddressKind::Node, 5, "7a"));
        assert_eq!(door.street.as_deref(), Some("Am Ufer"));
        assert_eq!((house.kind, house.id, &house.street), (AddressKind::Outline, 1, &None));
        assert!((house.at.latitude() - 48.0005).abs() < 1e-9);
        assert!((house.at.longitude() - 16.001).abs() < 1e-9);
        assert_eq!(data.buildings().map(|way| way.id).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn an_outline_without_any_node_is_nowhere() {
        let mut data = plot();
        let open = Way { id: 3, nodes: vec![5], tags: Tags::new() };
        assert_eq!(data.centroid(&open), data.node(5).map(Coord::lat_lng));
        data.nodes.clear();
        assert_eq!(data.centroid(&data.ways[0]), None);
        assert_eq!(data.addresses(), []);
    }

    #[test]
    fn sorting_restores_the_order_and_refuses_doubles() {
        let mut data = plot();
        data.nodes.reverse();
        data.ways.reverse();
        data.sort().expect("no id comes twice");
        assert_eq!(data, plot());
        data.ways[1].id = 1;
        assert!(matches!(data.sort(), Err(RoadsError::Duplicate { kind: "way", id: 1 })));
    }
}
