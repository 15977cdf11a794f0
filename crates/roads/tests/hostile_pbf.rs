//! Files that are broken, or made to break a reader: each is refused by name, none brings it down.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use prost::Message;
use swerve_roads::pbf::format::{
    Blob, BlobHeader, DenseNodes, HeaderBlock, PackedRelation, PackedWay, PlainNode,
    PrimitiveBlock, PrimitiveGroup, StringTable,
};
use swerve_roads::pbf::{BLOB_SIZE_MAX, INFLATE_RATIO_MAX};
use swerve_roads::{
    Coord, Network, Node, OsmData, PbfFault, Profile, RoadsError, Tags, Way, pbf, read_osm,
};

fn framed(kind: &str, blob: &Blob) -> Vec<u8> {
    let blob = blob.encode_to_vec();
    let header = BlobHeader { kind: kind.to_owned(), data_size: blob.len() as i32 };
    let header = header.encode_to_vec();
    let mut bytes = (header.len() as u32).to_be_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(blob);
    bytes
}

fn raw(kind: &str, data: Vec<u8>) -> Vec<u8> {
    framed(kind, &Blob { raw: Some(data), ..Blob::default() })
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(data).expect("vectors grow");
    packer.finish().expect("vectors grow")
}

fn packed(data: &[u8], declared: i32) -> Vec<u8> {
    let blob = Blob { raw_size: Some(declared), zlib_data: Some(zlib(data)), ..Blob::default() };
    framed("OSMData", &blob)
}

fn header() -> Vec<u8> {
    let required_features = vec!["OsmSchema-V0.6".to_owned(), "DenseNodes".to_owned()];
    raw("OSMHeader", HeaderBlock { required_features, ..HeaderBlock::default() }.encode_to_vec())
}

/// A file of one block.
fn file(group: PrimitiveGroup) -> Vec<u8> {
    file_of(&PrimitiveBlock {
        strings: StringTable { strings: vec![b"".to_vec(), b"highway".to_vec(), vec![0xff]] },
        groups: vec![group],
        ..PrimitiveBlock::default()
    })
}

fn file_of(block: &PrimitiveBlock) -> Vec<u8> {
    [header(), raw("OSMData", block.encode_to_vec())].concat()
}

/// Where and why a file is refused.
fn refusal(bytes: &[u8]) -> (u64, PbfFault) {
    match read_osm(bytes) {
        Err(RoadsError::Pbf { offset, source }) => (offset, source),
        other => panic!("{other:?}"),
    }
}

/// The fault of a file whose first data blob is broken.
fn fault_after_header(bytes: &[u8]) -> PbfFault {
    let (offset, fault) = refusal(bytes);
    assert_eq!(offset, header().len() as u64, "{fault}");
    fault
}

fn dense(ids: &[i64], keys_values: &[i32]) -> PrimitiveGroup {
    let nodes = DenseNodes {
        ids: ids.to_vec(),
        latitudes: vec![1; ids.len()],
        longitudes: vec![1; ids.len()],
        keys_values: keys_values.to_vec(),
    };
    PrimitiveGroup { dense: Some(nodes), ..PrimitiveGroup::default() }
}

/// A small town as the writer writes it.
fn town() -> OsmData {
    let mut data = OsmData::default();
    for id in 1..=20_i64 {
        let at =
            Coord::from_e7(480_000_000 + id as i32 * 9_000, 160_000_000 + (id as i32 % 4) * 7_000);
        data.nodes.push(Node { id, at: at.expect("on Earth") });
    }
    data.node_tags.insert(3, Tags::from([("barrier", "gate")]));
    let tags = Tags::from([("highway", "residential"), ("name", "Hauptstraße")]);
    data.ways.push(Way { id: 1, nodes: (1..=20).collect(), tags: tags.clone() });
    data.ways.push(Way { id: 2, nodes: vec![1, 9, 17], tags });
    data
}

fn town_file() -> Vec<u8> {
    let mut bytes = Vec::new();
    pbf::write_osm(&town(), &mut bytes).expect("vectors grow");
    bytes
}

#[test]
fn what_is_not_a_pbf_file_is_called_so() {
    let data_first = raw("OSMData", Vec::new());
    for bytes in [b"".as_slice(), b"<?xml version='1.0'?><osm/>", b"PK\x03\x04....", &data_first] {
        assert_eq!(refusal(bytes), (0, PbfFault::NotOsmPbf));
    }
}

#[test]
fn a_file_that_ends_early_is_short_by_so_many_bytes() {
    let bytes = town_file();
    let mut whole_blobs = 0;
    for len in 1..bytes.len() {
        match read_osm(&bytes[..len]) {
            Err(RoadsError::Pbf { offset, source: PbfFault::Truncated { missing } }) => {
                assert!(offset < len as u64 && missing > 0, "{len} bytes");
            }
            // Between two blobs nothing shows that more should follow.
            Ok(_) => whole_blobs += 1,
            other => panic!("{len} bytes: {other:?}"),
        }
    }
    assert_eq!(whole_blobs, 2, "after the header and after the nodes");
}

#[test]
fn sizes_beyond_the_format_s_limits_are_not_even_read() {
    let long_header = [header(), u32::MAX.to_be_bytes().to_vec()].concat();
    assert!(matches!(fault_after_header(&long_header), PbfFault::HeaderSize { .. }));
    for size in [-1, BLOB_SIZE_MAX as i32 + 1, i32::MAX] {
        let blob = BlobHeader { kind: "OSMData".to_owned(), data_size: size }.encode_to_vec();
        let bytes = [header(), (blob.len() as u32).to_be_bytes().to_vec(), blob].concat();
        let fault = PbfFault::BlobSize { size: size.into(), max: BLOB_SIZE_MAX };
        assert_eq!(fault_after_header(&bytes), fault);
    }
}

#[test]
fn a_blob_that_inflates_beyond_its_word_is_refused() {
    let data = vec![0_u8; 4_000];
    let noise: Vec<u8> =
        (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for declared in [10, 3_999, 4_001] {
        let bytes = [header(), packed(&noise, declared)].concat();
        assert!(matches!(fault_after_header(&bytes), PbfFault::InflatedSize { .. }), "{declared}");
    }
    let bomb = vec![0_u8; BLOB_SIZE_MAX as usize];
    let bytes = [header(), packed(&bomb, bomb.len() as i32)].concat();
    match fault_after_header(&bytes) {
        PbfFault::Ratio { raw, max, .. } => {
            assert_eq!((raw, max), (BLOB_SIZE_MAX, INFLATE_RATIO_MAX));
        }
        other => panic!("{other}"),
    }
    let bytes = [header(), packed(&data, i32::MAX)].concat();
    assert!(matches!(fault_after_header(&bytes), PbfFault::BlobSize { .. }));
}

#[test]
fn damaged_and_foreign_compression_is_told_apart() {
    let garbage =
        Blob { raw_size: Some(9), zlib_data: Some(b"not zlib.".to_vec()), ..Blob::default() };
    let bytes = [header(), framed("OSMData", &garbage)].concat();
    assert!(matches!(fault_after_header(&bytes), PbfFault::Inflate(_)));
    let zstd = Blob { raw_size: Some(9), zstd_data: Some(vec![1]), ..Blob::default() };
    let bytes = [header(), framed("OSMData", &zstd)].concat();
    assert_eq!(fault_after_header(&bytes), PbfFault::Compression("zstd"));
    let bytes = [header(), framed("OSMData", &Blob::default())].concat();
    assert_eq!(fault_after_header(&bytes), PbfFault::NoData);
}

#[test]
fn a_required_feature_that_is_unknown_is_named() {
    let required_features = vec!["OsmSchema-V0.6".to_owned(), "HistoricalInformation".to_owned()];
    let header = HeaderBlock { required_features, ..HeaderBlock::default() };
    let bytes = raw("OSMHeader", header.encode_to_vec());
    assert_eq!(refusal(&bytes), (0, PbfFault::Feature("HistoricalInformation".to_owned())));
}

#[test]
fn kinds_of_blob_the_format_may_gain_are_passed_over() {
    let town = town_file();
    let with_index = [
        &town[..header_len(&town)],
        &framed("OSMIndex", &Blob { zstd_data: Some(vec![1, 2, 3]), ..Blob::default() }),
        &town[header_len(&town)..],
    ];
    let mut data = read_osm(with_index.concat().as_slice()).expect("well formed");
    data.source = None;
    assert_eq!(data, self::town());
}

/// Bytes of the first blob with its frame.
fn header_len(bytes: &[u8]) -> usize {
    let header_size = u32::from_be_bytes(bytes[..4].try_into().expect("four bytes")) as usize;
    let header = BlobHeader::decode(&bytes[4..4 + header_size]).expect("well formed");
    4 + header_size + header.data_size as usize
}

#[test]
fn ids_at_the_ends_of_their_range_are_refused() {
    for ids in [&[i64::MAX][..], &[i64::MIN], &[1 << 55, i64::MAX], &[-(1 << 56), -(1 << 56)]] {
        let fault = fault_after_header(&file(dense(ids, &[])));
        assert!(matches!(fault, PbfFault::Id { what: "node", .. }), "{fault}");
    }
    let way = PackedWay { id: i64::MIN, ..PackedWay::default() };
    let group = PrimitiveGroup { ways: vec![way], ..PrimitiveGroup::default() };
    assert_eq!(fault_after_header(&file(group)), PbfFault::Id { what: "way", last: 0 });
    let way = PackedWay { id: 1, node_refs: vec![1 << 56, 1], ..PackedWay::default() };
    let group = PrimitiveGroup { ways: vec![way], ..PrimitiveGroup::default() };
    let fault = PbfFault::Id { what: "way's node", last: 1 << 56 };
    assert_eq!(fault_after_header(&file(group)), fault);
}

#[test]
fn columns_that_should_go_in_pairs_and_do_not_are_refused() {
    let mut lopsided = dense(&[1, 1], &[]);
    lopsided.dense.as_mut().expect("just made").latitudes.pop();
    let mut unpaired_way = PackedWay { id: 1, keys: vec![1, 1], ..PackedWay::default() };
    unpaired_way.values = vec![1];
    let mut member_without_role = PackedRelation { id: 1, ..PackedRelation::default() };
    member_without_role.member_ids = vec![1];
    let groups = [
        lopsided,
        // A key without a value; tags of more nodes than there are; of fewer.
        dense(&[1], &[1]),
        dense(&[1], &[0, 0]),
        PrimitiveGroup { ways: vec![unpaired_way], ..PrimitiveGroup::default() },
        PrimitiveGroup { relations: vec![member_without_role], ..PrimitiveGroup::default() },
    ];
    for group in groups {
        let fault = fault_after_header(&file(group));
        assert!(matches!(fault, PbfFault::Unpaired { .. }), "{fault}");
    }
}

#[test]
fn strings_that_are_not_there_or_not_text_are_refused() {
    for index in [99, -1, i32::MAX] {
        let fault = fault_after_header(&file(dense(&[1], &[1, index, 0])));
        assert_eq!(fault, PbfFault::StringIndex { index: index.into(), len: 3 });
    }
    let fault = fault_after_header(&file(dense(&[1], &[1, 2, 0])));
    assert_eq!(fault, PbfFault::StringText { index: 2 });
}

#[test]
fn coordinates_off_earth_are_refused_however_they_come_about() {
    let node =
        |latitude, longitude| PlainNode { id: 7, latitude, longitude, ..PlainNode::default() };
    for node in
        [node(900_000_001, 0), node(0, -1_800_000_001), node(i64::MAX, 0), node(0, i64::MIN)]
    {
        let group = PrimitiveGroup { nodes: vec![node], ..PrimitiveGroup::default() };
        assert_eq!(fault_after_header(&file(group)), PbfFault::OffEarth { id: 7 });
    }
    for granularity in [0, -100, i32::MIN] {
        let block = PrimitiveBlock { granularity: Some(granularity), ..PrimitiveBlock::default() };
        assert_eq!(fault_after_header(&file_of(&block)), PbfFault::Granularity(granularity));
    }
    let block = PrimitiveBlock {
        latitude_offset: Some(i64::MAX),
        groups: vec![dense(&[7], &[])],
        ..PrimitiveBlock::default()
    };
    assert_eq!(fault_after_header(&file_of(&block)), PbfFault::OffEarth { id: 7 });
}

#[test]
fn plain_nodes_and_other_granularities_are_read() {
    let node = PlainNode { id: 5, latitude: 48_000, longitude: -16_000, ..PlainNode::default() };
    let block = PrimitiveBlock {
        granularity: Some(1_000_000),
        longitude_offset: Some(2_000_000_000),
        groups: vec![PrimitiveGroup { nodes: vec![node], ..PrimitiveGroup::default() }],
        ..PrimitiveBlock::default()
    };
    let data = read_osm(file_of(&block).as_slice()).expect("well formed");
    assert_eq!(data.node(5), Coord::from_e7(480_000_000, -140_000_000));
}

#[test]
fn a_relation_s_member_of_an_unknown_type_is_refused() {
    let relation = PackedRelation {
        id: 1,
        roles: vec![0],
        member_ids: vec![1],
        member_types: vec![9],
        ..PackedRelation::default()
    };
    let group = PrimitiveGroup { relations: vec![relation], ..PrimitiveGroup::default() };
    assert_eq!(fault_after_header(&file(group)), PbfFault::MemberType(9));
}

#[test]
fn an_id_that_comes_twice_is_refused() {
    let bytes = file(dense(&[4, 0], &[]));
    match read_osm(bytes.as_slice()) {
        Err(RoadsError::Duplicate { kind: "node", id: 4 }) => {}
        other => panic!("{other:?}"),
    }
    let mut data = town();
    data.ways.reverse();
    assert!(matches!(
        pbf::write_osm(&data, Vec::new()),
        Err(RoadsError::Duplicate { kind: "way", id: 1 })
    ));
}

/// Reads it and builds on it: an error or a network, never a panic.
fn read_and_build(bytes: &[u8]) {
    if let Ok(data) = read_osm(bytes) {
        data.addresses();
        if let Ok(network) = Network::from_osm(&data, &Profile::van()) {
            network.stats();
        }
    }
}

/// The town without compression, so that damage reaches the messages.
fn raw_town() -> Vec<u8> {
    let town = town();
    let texts = ["", "highway", "residential", "oneway", "yes"];
    let strings = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut group = dense(&[1; 20], &[]);
    let nodes = group.dense.as_mut().expect("just made");
    let deltas = |values: Vec<i64>| {
        values.iter().scan(0, |last, value| Some(value - std::mem::replace(last, *value))).collect()
    };
    nodes.latitudes = deltas(town.nodes.iter().map(|node| node.at.latitude_e7.into()).collect());
    nodes.longitudes = deltas(town.nodes.iter().map(|node| node.at.longitude_e7.into()).collect());
    group.ways = vec![
        PackedWay { id: 1, keys: vec![1], values: vec![2], node_refs: vec![1; 20] },
        PackedWay { id: 2, keys: vec![1, 3], values: vec![2, 4], node_refs: vec![1, 8, 8] },
    ];
    let strings = StringTable { strings };
    file_of(&PrimitiveBlock { strings, groups: vec![group], ..PrimitiveBlock::default() })
}

#[test]
fn no_single_flipped_bit_brings_the_reader_down() {
    for bytes in [raw_town(), town_file()] {
        read_osm(bytes.as_slice()).expect("well formed before it is damaged");
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            read_and_build(&damaged);
        }
    }
}

proptest! {
    #[test]
    fn no_damage_brings_the_reader_down(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = raw_town();
        for (idx, byte) in damage {
            let idx = idx.index(bytes.len());
            bytes[idx] = byte;
        }
        read_and_build(&bytes);
        read_and_build(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn noise_after_a_good_header_is_refused(noise in proptest::collection::vec(any::<u8>(), 1..200)) {
        prop_assert!(read_osm([header(), noise].concat().as_slice()).is_err());
    }
}
