//! The finished town as OpenStreetMap data: numbered nodes, tagged ways, turn restrictions.
//!
//! Ways run through junctions as mappers draw them, broken only where a tag changes or a turn is
//! restricted. Nodes are numbered in the order ways use them, and ways from the south-west on, so
//! that neighbours have neighbouring numbers and the file packs well.

use std::collections::BTreeMap;

use swerve_model::LatLng;
use swerve_roads::osm::{Member, Relation};
use swerve_roads::pbf::MemberKind;
use swerve_roads::{Coord, Node, OsmData, Tags, Way};

use super::Town;
use super::geometry::{V2, simplified, v};
use super::site::{Course, Quarter};
use super::streets::{Access, Class, Street};

/// Where the market square of the sample city would be: hilly farmland west of Vienna.
const ORIGIN_LATITUDE: f64 = 48.28;
const ORIGIN_LONGITUDE: f64 = 15.13;
/// Metres in a degree of latitude, and of longitude at the origin.
const DEGREE_NORTH: f64 = 111_200.0;
const DEGREE_EAST: f64 = 74_060.0;
/// A street's line is kept to about this many metres.
const TOLERANCE: f64 = 1.4;

/// Writes the town out. Ids are positive and dense.
pub(super) fn to_osm(town: &Town) -> OsmData {
    let mut writer = Writer { town, data: OsmData::default(), node_ids: BTreeMap::new() };
    let mut order: Vec<usize> = (0..town.streets.len()).collect();
    order.sort_by_key(|street| (writer.patch_of(*street), *street));
    let mut parts = BTreeMap::new();
    for street in order {
        for line in &town.lines[street] {
            writer.write_street(street, line, &mut parts);
        }
    }
    writer.write_restrictions(&parts);
    writer.write_doors();
    writer.write_land();
    writer.data
}

/// A way that ends at a node: its id, the node one before, and whether it starts (not ends) there.
type PartEnd = (i64, u32, bool);

struct Writer<'a> {
    town: &'a Town,
    data: OsmData,
    node_ids: BTreeMap<u32, i64>,
}

impl Writer<'_> {
    /// A coarse square of the map, row by row.
    fn patch_of(&self, street: usize) -> (i64, i64) {
        let first = self.town.lines[street].first().and_then(|line| line.first());
        let at = first.map_or(v(0.0, 0.0), |node| self.town.plat.at(*node));
        ((at.y / 600.0).floor() as i64, (at.x / 600.0).floor() as i64)
    }

    fn write_street(
        &mut self,
        number: usize,
        line: &[u32],
        parts: &mut BTreeMap<(u32, u32), Vec<PartEnd>>,
    ) {
        let street = &self.town.streets[number];
        for part in self.broken(line) {
            let bridge = part.windows(2).any(|pair| self.is_bridge(pair[0], pair[1]));
            let kept = self.kept_nodes(&part);
            let nodes: Vec<i64> = kept.iter().map(|node| self.node_id(*node)).collect();
            let tags = street_tags(street, bridge);
            let id = self.push_way(nodes, tags);
            let mut end = |node: u32, next: u32, starts: bool| {
                parts.entry((node, number as u32)).or_default().push((id, next, starts));
            };
            end(part[0], part[1], true);
            end(part[part.len() - 1], part[part.len() - 2], false);
        }
    }

    /// The line cut where it goes on or off a bridge and where a turn is restricted.
    fn broken(&self, line: &[u32]) -> Vec<Vec<u32>> {
        let mut parts = vec![vec![line[0]]];
        for (position, pair) in line.windows(2).enumerate() {
            let bridge = self.is_bridge(pair[0], pair[1]);
            let before = position.checked_sub(1).map(|p| self.is_bridge(line[p], line[p + 1]));
            let cut = before.is_some_and(|before| before != bridge)
                || position > 0 && self.town.restricted.contains_key(&pair[0]);
            if cut {
                parts.push(vec![pair[0]]);
            }
            let last = parts.len() - 1;
            parts[last].push(pair[1]);
        }
        parts
    }

    fn is_bridge(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.town.plat.at(a), self.town.plat.at(b));
        let site = &self.town.site;
        let over = |course: &Course| {
            let (from, to) = (course.offset(a), course.offset(b));
            from * to < 0.0 || from.abs().min(to.abs()) < course.half_width()
        };
        over(&site.railway) || over(&site.river)
    }

    /// Junctions, tagged nodes and bends.
    fn kept_nodes(&self, part: &[u32]) -> Vec<u32> {
        let fixed =
            |node: &u32| self.town.plat.degree(*node) != 2 || self.town.signs.contains_key(node);
        let mut kept = vec![part[0]];
        let mut first = 0;
        for (position, node) in part.iter().enumerate().skip(1) {
            if fixed(node) || position == part.len() - 1 {
                let line: Vec<V2> =
                    part[first..=position].iter().map(|node| self.town.plat.at(*node)).collect();
                kept.extend(
                    simplified(&line, TOLERANCE).into_iter().skip(1).map(|i| part[first + i]),
                );
                first = position;
            }
        }
        kept
    }

    fn node_id(&mut self, node: u32) -> i64 {
        if let Some(id) = self.node_ids.get(&node) {
            return *id;
        }
        let tags: Tags = self.town.signs.get(&node).into_iter().flatten().copied().collect();
        let id = self.push_node(self.town.plat.at(node), tags);
        self.node_ids.insert(node, id);
        id
    }

    fn push_node(&mut self, at: V2, tags: Tags) -> i64 {
        let id = self.data.nodes.len() as i64 + 1;
        self.data.nodes.push(Node { id, at: coord(at) });
        if !tags.is_empty() {
            self.data.node_tags.insert(id, tags);
        }
        id
    }

    fn push_way(&mut self, nodes: Vec<i64>, tags: Tags) -> i64 {
        let id = self.data.ways.len() as i64 + 1;
        self.data.ways.push(Way { id, nodes, tags });
        id
    }

    /// From each restricted side street, no left turn into the main road.
    fn write_restrictions(&mut self, parts: &BTreeMap<(u32, u32), Vec<PartEnd>>) {
        for (via, [side, main]) in &self.town.restricted {
            let ends =
                |street: u32| parts.get(&(*via, street)).map(Vec::as_slice).unwrap_or_default();
            let at = |node: u32| self.town.plat.at(node);
            let Some((from, before, _)) = ends(*side).first().copied() else { continue };
            let heading = at(*via) - at(before);
            let left =
                ends(*main).iter().find(|(_, next, _)| heading.cross(at(*next) - at(*via)) > 0.0);
            let (Some((to, _, _)), Some(via)) = (left, self.node_ids.get(via)) else { continue };
            let member = |kind, id, role: &str| Member { kind, id, role: role.into() };
            let members = vec![
                member(MemberKind::Way, from, "from"),
                member(MemberKind::Node, *via, "via"),
                member(MemberKind::Way, *to, "to"),
            ];
            let tags = Tags::from([("type", "restriction"), ("restriction", "no_left_turn")]);
            let id = self.data.relations.len() as i64 + 1;
            self.data.relations.push(Relation { id, members, tags });
        }
    }

    fn write_doors(&mut self) {
        for door in &self.town.doors {
            let street = &self.town.streets[door.street as usize].name;
            let mut tags =
                Tags::from([("addr:housenumber", &*door.number), ("addr:street", street)]);
            match door.quarter {
                Quarter::Old | Quarter::Blocks => tags.push("building", "apartments"),
                Quarter::Industry => tags.push("office", "company"),
                _ => {}
            }
            self.push_node(door.at, tags);
        }
        for front in &self.town.fronts {
            let tags = front.tags.iter().map(|(key, value)| (*key, value.as_str())).collect();
            self.push_node(front.at, tags);
        }
    }

    /// River, railway, parks, the estate and its halls.
    fn write_land(&mut self) {
        let site = &self.town.site;
        self.write_line(&site.river.line(), [("waterway", "river"), ("name", "Aure")].into());
        self.write_line(&site.railway.line(), [("railway", "rail"), ("gauge", "1435")].into());
        for park in &site.parks {
            self.write_ring(&park.outline(), [("leisure", "park")].into());
        }
        self.write_ring(&site.industry.outline(), [("landuse", "industrial")].into());
        for hall in &self.town.halls {
            self.write_ring(&hall.corners, [("building", hall.kind)].into());
        }
    }

    fn write_line(&mut self, line: &[V2], tags: Tags) {
        let bends = simplified(line, 4.0);
        let nodes = bends.into_iter().map(|at| self.push_node(line[at], Tags::new())).collect();
        self.push_way(nodes, tags);
    }

    fn write_ring(&mut self, ring: &[V2], tags: Tags) {
        let mut nodes: Vec<i64> =
            ring.iter().map(|corner| self.push_node(*corner, Tags::new())).collect();
        nodes.extend(nodes.first().copied());
        self.push_way(nodes, tags);
    }
}

fn street_tags(street: &Street, bridge: bool) -> Tags {
    let mut tags = Tags::from([("highway", street.class.highway())]);
    if !street.name.is_empty() {
        tags.push("name", &street.name);
    }
    if street.class == Class::Trunk {
        tags.push("ref", "B 7");
    }
    if let Some(limit) = street.maxspeed {
        tags.push("maxspeed", &limit.to_string());
    }
    if street.roundabout {
        tags.push("junction", "roundabout");
    } else if street.oneway {
        tags.push("oneway", "yes");
    }
    match street.access {
        Access::Open => {}
        Access::Destination => tags.push("motor_vehicle", "destination"),
        Access::Private => tags.push("access", "private"),
    }
    match street.class {
        Class::Driveway => tags.push("service", "driveway"),
        Class::Living if street.quarter == Quarter::Old => tags.push("surface", "sett"),
        _ => {}
    }
    if bridge {
        tags.push("bridge", "yes");
        tags.push("layer", "1");
    }
    tags
}

fn coord(at: V2) -> Coord {
    let latitude = ORIGIN_LATITUDE + at.y / DEGREE_NORTH;
    let longitude = ORIGIN_LONGITUDE + at.x / DEGREE_EAST;
    let on_earth = LatLng::new(latitude, longitude).expect("a town is a few kilometres wide");
    Coord::from_lat_lng(on_earth)
}
