//! Writing OSM data as an ordinary PBF file, the same bytes for the same data.
//!
//! Dense nodes, zlib, at most 8,000 elements a block, as other writers do, so that every OSM tool
//! reads a generated city. No timestamps and no authors: there are none.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use prost::Message;

use super::MemberKind;
use super::format::{
    Blob, BlobHeader, DenseNodes, HeaderBlock, HeaderBox, PackedRelation, PackedWay,
    PrimitiveBlock, PrimitiveGroup, StringTable,
};
use crate::error::RoadsError;
use crate::osm::{Coord, Node, OsmData, Relation, Tags, Way};

/// What other writers use; readers allocate for it.
const BLOCK_ELEMENTS_MAX: usize = 8_000;

/// Bounds a block of long ways: 8,000 ways of 2,000 nodes each would pass the format's 32 MiB.
const BLOCK_REFS_MAX: usize = 1 << 20;

/// Writes nodes, ways and relations, in the order they have in `data`.
///
/// # Errors
/// The stream's; [`RoadsError::Duplicate`] where ids do not ascend, since the file announces that
/// they do.
pub fn write_osm(data: &OsmData, mut writer: impl Write) -> Result<(), RoadsError> {
    ascending("node", data.nodes.iter().map(|node| node.id))?;
    ascending("way", data.ways.iter().map(|way| way.id))?;
    ascending("relation", data.relations.iter().map(|relation| relation.id))?;
    write_blob(&mut writer, "OSMHeader", &header(data).encode_to_vec())?;
    for nodes in data.nodes.chunks(BLOCK_ELEMENTS_MAX) {
        write_blob(&mut writer, "OSMData", &node_block(nodes, data).encode_to_vec())?;
    }
    for ways in chunks_by_weight(&data.ways, |way| way.nodes.len()) {
        write_blob(&mut writer, "OSMData", &way_block(ways).encode_to_vec())?;
    }
    for relations in chunks_by_weight(&data.relations, |relation| relation.members.len()) {
        write_blob(&mut writer, "OSMData", &relation_block(relations).encode_to_vec())?;
    }
    writer.flush()?;
    Ok(())
}

fn ascending(kind: &'static str, ids: impl Iterator<Item = i64>) -> Result<(), RoadsError> {
    let mut last = i64::MIN;
    for id in ids {
        if id <= last {
            return Err(RoadsError::Duplicate { kind, id });
        }
        last = id;
    }
    Ok(())
}

fn header(data: &OsmData) -> HeaderBlock {
    HeaderBlock {
        bbox: bounding_box(data.nodes.iter().map(|node| node.at)),
        required_features: vec!["OsmSchema-V0.6".to_owned(), "DenseNodes".to_owned()],
        optional_features: vec!["Sort.Type_then_ID".to_owned()],
        writing_program: Some("swerve".to_owned()),
        source: None,
    }
}

fn bounding_box(mut coords: impl Iterator<Item = Coord>) -> Option<HeaderBox> {
    let first = coords.next()?;
    let (low, high) = coords.fold((first, first), |(low, high), at| (low.min(at), high.max(at)));
    let nanodegrees = |e7: i32| i64::from(e7) * 100;
    Some(HeaderBox {
        left: nanodegrees(low.longitude_e7),
        right: nanodegrees(high.longitude_e7),
        top: nanodegrees(high.latitude_e7),
        bottom: nanodegrees(low.latitude_e7),
    })
}

/// Runs of at most [`BLOCK_ELEMENTS_MAX`] elements and about [`BLOCK_REFS_MAX`] references.
fn chunks_by_weight<T>(items: &[T], weight: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut chunks = Vec::new();
    let (mut first, mut total) = (0, 0);
    for (idx, item) in items.iter().enumerate() {
        let full = idx - first == BLOCK_ELEMENTS_MAX || total + weight(item) > BLOCK_REFS_MAX;
        if full && idx > first {
            chunks.push(&items[first..idx]);
            (first, total) = (idx, 0);
        }
        total += weight(item);
    }
    chunks.extend((first < items.len()).then(|| &items[first..]));
    chunks
}

fn node_block(nodes: &[Node], data: &OsmData) -> PrimitiveBlock {
    let mut strings = Strings::default();
    let mut dense = DenseNodes::default();
    let (mut id, mut latitude, mut longitude) = (Delta(0), Delta(0), Delta(0));
    for node in nodes {
        dense.ids.push(id.step(node.id));
        dense.latitudes.push(latitude.step(node.at.latitude_e7.into()));
        dense.longitudes.push(longitude.step(node.at.longitude_e7.into()));
        for (key, value) in data.node_tags.get(&node.id).iter().flat_map(|tags| tags.iter()) {
            dense.keys_values.push(strings.index(key) as i32);
            dense.keys_values.push(strings.index(value) as i32);
        }
        dense.keys_values.push(0);
    }
    if dense.keys_values.len() == nodes.len() {
        dense.keys_values.clear();
    }
    strings.block(PrimitiveGroup { dense: Some(dense), ..PrimitiveGroup::default() })
}

fn way_block(ways: &[Way]) -> PrimitiveBlock {
    let mut strings = Strings::default();
    let mut group = PrimitiveGroup::default();
    for way in ways {
        let (keys, values) = strings.columns(&way.tags);
        let mut last = Delta(0);
        let node_refs = way.nodes.iter().map(|node| last.step(*node)).collect();
        group.ways.push(PackedWay { id: way.id, keys, values, node_refs });
    }
    strings.block(group)
}

fn relation_block(relations: &[Relation]) -> PrimitiveBlock {
    let mut strings = Strings::default();
    let mut group = PrimitiveGroup::default();
    for relation in relations {
        let (keys, values) = strings.columns(&relation.tags);
        let mut packed = PackedRelation { id: relation.id, keys, values, ..Default::default() };
        let mut last = Delta(0);
        for member in &relation.members {
            packed.roles.push(strings.index(&member.role) as i32);
            packed.member_ids.push(last.step(member.id));
            packed.member_types.push(match member.kind {
                MemberKind::Node => 0,
                MemberKind::Way => 1,
                MemberKind::Relation => 2,
            });
        }
        group.relations.push(packed);
    }
    strings.block(group)
}

/// Turns values into differences.
struct Delta(i64);

impl Delta {
    fn step(&mut self, value: i64) -> i64 {
        let delta = value.wrapping_sub(self.0);
        self.0 = value;
        delta
    }
}

/// A block's string table, numbered in order of first use; 0 stays the reserved empty string.
#[derive(Default)]
struct Strings<'a> {
    indices: BTreeMap<&'a str, u32>,
    table: Vec<&'a str>,
}

impl<'a> Strings<'a> {
    fn index(&mut self, text: &'a str) -> u32 {
        let next = self.table.len() as u32 + 1;
        let index = *self.indices.entry(text).or_insert(next);
        if index == next {
            self.table.push(text);
        }
        index
    }

    fn columns(&mut self, tags: &'a Tags) -> (Vec<u32>, Vec<u32>) {
        tags.iter().map(|(key, value)| (self.index(key), self.index(value))).unzip()
    }

    fn block(self, group: PrimitiveGroup) -> PrimitiveBlock {
        let strings = std::iter::once("").chain(self.table);
        let strings = strings.map(|text| text.as_bytes().to_vec()).collect();
        PrimitiveBlock {
            strings: StringTable { strings },
            groups: vec![group],
            ..PrimitiveBlock::default()
        }
    }
}

fn write_blob(writer: &mut impl Write, kind: &str, data: &[u8]) -> Result<(), RoadsError> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(data)?;
    let blob = Blob {
        raw_size: Some(data.len() as i32),
        zlib_data: Some(packer.finish()?),
        ..Blob::default()
    };
    let blob = blob.encode_to_vec();
    let header = BlobHeader { kind: kind.to_owned(), data_size: blob.len() as i32 };
    let header = header.encode_to_vec();
    writer.write_all(&(header.len() as u32).to_be_bytes())?;
    writer.write_all(&header)?;
    writer.write_all(&blob)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_neither_too_many_elements_nor_too_many_references() {
        let sizes = |weights: &[usize]| -> Vec<usize> {
            chunks_by_weight(weights, |weight| *weight).iter().map(|chunk| chunk.len()).collect()
        };
        assert_eq!(sizes(&[]), []);
        assert_eq!(sizes(&vec![1; 20_000]), [8_000, 8_000, 4_000]);
        let half = BLOCK_REFS_MAX / 2;
        assert_eq!(sizes(&[half, half, half, 1]), [2, 2]);
        // One that is too long by itself still has to go somewhere.
        assert_eq!(sizes(&[1, 5 * BLOCK_REFS_MAX, 1]), [1, 1, 1]);
    }
}
