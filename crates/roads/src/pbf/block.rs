//! A block's columns and indices, turned back into nodes, ways and relations.

use super::blob::{RawBlob, decode};
use super::format::{
    DenseNodes, HeaderBlock, PackedRelation, PackedWay, PlainNode, PrimitiveBlock, PrimitiveGroup,
};
use super::wire;
use crate::error::{PbfFault, RoadsError};
use crate::osm::Coord;

/// What this reader understands; any other required feature changes what the data mean.
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

/// Ids stay far inside 64 bits, so that no difference of two can overflow. OpenStreetMap is at 2^34.
const ID_MAX: i64 = 1 << 56;

/// One element of the file, borrowed from its block.
#[derive(Debug)]
pub enum Element<'a> {
    Node { id: i64, at: Coord, tags: TagsRef<'a> },
    Way { id: i64, nodes: &'a [i64], tags: TagsRef<'a> },
    Relation { id: i64, members: &'a [MemberRef<'a>], tags: TagsRef<'a> },
}

/// Keys and values in the file's order.
pub type TagsRef<'a> = &'a [(&'a str, &'a str)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    Node,
    Way,
    Relation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberRef<'a> {
    pub kind: MemberKind,
    pub id: i64,
    pub role: &'a str,
}

/// Refuses a file that requires what this reader does not know.
pub(super) fn check_header(data: &[u8]) -> Result<(), PbfFault> {
    let header: HeaderBlock = decode("header block", data)?;
    let unknown = |feature: &String| !FEATURES.contains(&feature.as_str());
    match header.required_features.into_iter().find(unknown) {
        Some(feature) => Err(PbfFault::Feature(feature)),
        None => Ok(()),
    }
}

/// Hands every element of a data blob to `visit`.
pub(super) fn visit_block(
    blob: &RawBlob,
    visit: &mut impl FnMut(Element<'_>) -> Result<(), RoadsError>,
) -> Result<(), RoadsError> {
    let at_blob = |source| blob.fault(source);
    wire::check_message_count(&blob.data).map_err(at_blob)?;
    let block: PrimitiveBlock = decode("primitive block", &blob.data).map_err(at_blob)?;
    let mut walk = Walk { grid: Grid::of(&block).map_err(at_blob)?, strings: &block, blob, visit };
    block.groups.iter().try_for_each(|group| walk.group(group))
}

/// How a block's integers become coordinates.
#[derive(Clone, Copy)]
struct Grid {
    granularity: i64,
    latitude_offset: i64,
    longitude_offset: i64,
}

impl Grid {
    fn of(block: &PrimitiveBlock) -> Result<Grid, PbfFault> {
        let granularity = block.granularity.unwrap_or(100);
        if granularity <= 0 {
            return Err(PbfFault::Granularity(granularity));
        }
        Ok(Grid {
            granularity: i64::from(granularity),
            latitude_offset: block.latitude_offset.unwrap_or(0),
            longitude_offset: block.longitude_offset.unwrap_or(0),
        })
    }

    fn coord(self, id: i64, latitude: i64, longitude: i64) -> Result<Coord, PbfFault> {
        let e7 = |value: i64, offset: i64| {
            let nanodegrees = value.checked_mul(self.granularity)?.checked_add(offset)?;
            i32::try_from(nanodegrees / 100).ok()
        };
        e7(latitude, self.latitude_offset)
            .zip(e7(longitude, self.longitude_offset))
            .and_then(|(latitude, longitude)| Coord::from_e7(latitude, longitude))
            .ok_or(PbfFault::OffEarth { id })
    }
}

/// A running sum of ids that refuses to leave their range.
struct IdSum {
    what: &'static str,
    last: i64,
}

impl IdSum {
    fn add(&mut self, delta: i64) -> Result<i64, PbfFault> {
        self.last = checked_id(self.what, self.last, self.last.checked_add(delta))?;
        Ok(self.last)
    }
}

fn checked_id(what: &'static str, last: i64, id: Option<i64>) -> Result<i64, PbfFault> {
    id.filter(|id| (-ID_MAX..=ID_MAX).contains(id)).ok_or(PbfFault::Id { what, last })
}

struct Walk<'a, V> {
    grid: Grid,
    strings: &'a PrimitiveBlock,
    blob: &'a RawBlob,
    visit: &'a mut V,
}

impl<'a, V: FnMut(Element<'_>) -> Result<(), RoadsError>> Walk<'a, V> {
    fn group(&mut self, group: &PrimitiveGroup) -> Result<(), RoadsError> {
        group.nodes.iter().try_for_each(|node| self.plain_node(node))?;
        group.dense.iter().try_for_each(|nodes| self.dense_nodes(nodes))?;
        group.ways.iter().try_for_each(|way| self.way(way))?;
        group.relations.iter().try_for_each(|relation| self.relation(relation))
    }

    fn plain_node(&mut self, node: &PlainNode) -> Result<(), RoadsError> {
        let id = self.checked(checked_id("node", 0, Some(node.id)))?;
        let at = self.checked(self.grid.coord(id, node.latitude, node.longitude))?;
        let tags = self.checked(self.tags("node", &node.keys, &node.values))?;
        (self.visit)(Element::Node { id, at, tags: &tags })
    }

    fn dense_nodes(&mut self, nodes: &DenseNodes) -> Result<(), RoadsError> {
        let count = nodes.ids.len();
        for column in [nodes.latitudes.len(), nodes.longitudes.len()] {
            let fault = PbfFault::Unpaired { what: "dense nodes", left: count, right: column };
            self.checked(if column == count { Ok(()) } else { Err(fault) })?;
        }
        let mut ids = IdSum { what: "node", last: 0 };
        let (mut latitude, mut longitude) = (0_i64, 0_i64);
        let mut keys_values = nodes.keys_values.iter();
        let mut tags = Vec::new();
        for idx in 0..count {
            let id = self.checked(ids.add(nodes.ids[idx]))?;
            // A sum that wraps cannot be on Earth; its saturated value is refused as such.
            latitude = latitude.saturating_add(nodes.latitudes[idx]);
            longitude = longitude.saturating_add(nodes.longitudes[idx]);
            let at = self.checked(self.grid.coord(id, latitude, longitude))?;
            self.checked(self.dense_tags(&mut keys_values, &mut tags))?;
            (self.visit)(Element::Node { id, at, tags: &tags })?;
        }
        let left = keys_values.len();
        let fault = PbfFault::Unpaired { what: "dense tags", left: count, right: left };
        self.checked(if left == 0 { Ok(()) } else { Err(fault) })
    }

    /// One node's (key, value) pairs, up to their closing 0.
    fn dense_tags(
        &self,
        keys_values: &mut std::slice::Iter<'_, i32>,
        tags: &mut Vec<(&'a str, &'a str)>,
    ) -> Result<(), PbfFault> {
        tags.clear();
        while let Some(&key) = keys_values.next().filter(|key| **key != 0) {
            let fault = PbfFault::Unpaired { what: "dense tags", left: 1, right: 0 };
            let value = *keys_values.next().ok_or(fault)?;
            tags.push((self.string(key.into())?, self.string(value.into())?));
        }
        Ok(())
    }

    fn way(&mut self, way: &PackedWay) -> Result<(), RoadsError> {
        let id = self.checked(checked_id("way", 0, Some(way.id)))?;
        let mut ids = IdSum { what: "way's node", last: 0 };
        let nodes: Result<Vec<i64>, PbfFault> =
            way.node_refs.iter().map(|delta| ids.add(*delta)).collect();
        let nodes = self.checked(nodes)?;
        let tags = self.checked(self.tags("way", &way.keys, &way.values))?;
        (self.visit)(Element::Way { id, nodes: &nodes, tags: &tags })
    }

    fn relation(&mut self, relation: &PackedRelation) -> Result<(), RoadsError> {
        let id = self.checked(checked_id("relation", 0, Some(relation.id)))?;
        let members = self.checked(self.members(relation))?;
        let tags = self.checked(self.tags("relation", &relation.keys, &relation.values))?;
        (self.visit)(Element::Relation { id, members: &members, tags: &tags })
    }

    fn members(&self, relation: &PackedRelation) -> Result<Vec<MemberRef<'a>>, PbfFault> {
        let count = relation.member_ids.len();
        for column in [relation.roles.len(), relation.member_types.len()] {
            if column != count {
                let what = "relation members";
                return Err(PbfFault::Unpaired { what, left: count, right: column });
            }
        }
        let mut ids = IdSum { what: "relation's member", last: 0 };
        let columns = relation.member_ids.iter().zip(&relation.roles).zip(&relation.member_types);
        columns
            .map(|((delta, role), kind)| {
                let kind = match kind {
                    0 => MemberKind::Node,
                    1 => MemberKind::Way,
                    2 => MemberKind::Relation,
                    other => return Err(PbfFault::MemberType(*other)),
                };
                let id = ids.add(*delta)?;
                Ok(MemberRef { kind, id, role: self.string(i64::from(*role))? })
            })
            .collect()
    }

    fn tags(
        &self,
        what: &'static str,
        keys: &[u32],
        values: &[u32],
    ) -> Result<Vec<(&'a str, &'a str)>, PbfFault> {
        if keys.len() != values.len() {
            return Err(PbfFault::Unpaired { what, left: keys.len(), right: values.len() });
        }
        let pairs = keys.iter().zip(values);
        pairs
            .map(|(key, value)| Ok((self.string((*key).into())?, self.string((*value).into())?)))
            .collect()
    }

    fn string(&self, index: i64) -> Result<&'a str, PbfFault> {
        let table = &self.strings.strings.strings;
        let found = usize::try_from(index).ok().and_then(|idx| Some((idx, table.get(idx)?)));
        let (index, text) = found.ok_or(PbfFault::StringIndex { index, len: table.len() })?;
        std::str::from_utf8(text).map_err(|_| PbfFault::StringText { index })
    }

    fn checked<T>(&self, result: Result<T, PbfFault>) -> Result<T, RoadsError> {
        result.map_err(|source| self.blob.fault(source))
    }
}
