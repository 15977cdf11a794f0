//! The road file: a network as built, read back in a fraction of a second.
//!
//! `SWRVROAD`, then version, length and CRC-32C of the payload (little-endian), then the payload:
//! varints, coordinates as differences. Street by street, since twins share everything but their
//! times. The format is private to Swerve: another version is refused by its number, and the file
//! is built again from its extract.
//!
//! A file that passes its checksum is still not believed: every count, index, coordinate and speed
//! is checked, since the searches rely on them.

use std::io::{Read, Write};
use std::ops::Range;

use petgraph::graph::DiGraph;

use super::{Junction, JunctionId, Network, Origin, ROAD_TICKS_MAX, Road, RoadId, SPEED_MAX};
use crate::error::{RoadFileFault, RoadsError};
use crate::osm::{Coord, SourceFile};
use crate::profile::RoadClass;

const MAGIC: [u8; 8] = *b"SWRVROAD";

/// Of the road file; raised whenever its bytes or their meaning change.
pub const FORMAT_VERSION: u32 = 1;

/// Magic, version, length, checksum.
const HEADER_SIZE: usize = 8 + 4 + 8 + 4;

const RESTRICTED: u64 = 1;
const HAS_TWIN: u64 = 2;
const TWIN_RESTRICTED: u64 = 4;
const HALTING: u64 = 8;
const CLASS_SHIFT: u32 = 4;

impl Network {
    /// Writes the road file: the same bytes for the same network.
    ///
    /// # Errors
    /// The stream's.
    pub fn save(&self, mut writer: impl Write) -> Result<(), RoadsError> {
        let payload = encode(self);
        writer.write_all(&MAGIC)?;
        writer.write_all(&FORMAT_VERSION.to_le_bytes())?;
        writer.write_all(&(payload.len() as u64).to_le_bytes())?;
        writer.write_all(&crc32c::crc32c(&payload).to_le_bytes())?;
        writer.write_all(&payload)?;
        writer.flush()?;
        Ok(())
    }

    /// Reads a road file. Memory grows with what the stream holds, not with what it declares.
    ///
    /// # Errors
    /// The stream's; [`RoadsError::RoadFile`] naming what is wrong with the file.
    pub fn load(reader: impl Read) -> Result<Network, RoadsError> {
        let payload = verified_payload(reader)?;
        Ok(decode(&payload)?)
    }
}

/// The payload of a whole, unchanged file of this version.
fn verified_payload(mut reader: impl Read) -> Result<Vec<u8>, RoadsError> {
    let mut header = Vec::new();
    reader.by_ref().take(HEADER_SIZE as u64).read_to_end(&mut header)?;
    let mut fields = Reader(&header);
    if fields.bytes(MAGIC.len()) != Ok(&MAGIC) {
        return Err(RoadFileFault::NotARoadFile.into());
    }
    let truncated = |_| RoadFileFault::Truncated { missing: (HEADER_SIZE - header.len()) as u64 };
    let found = u32::from_le_bytes(fields.array().map_err(truncated)?);
    if found != FORMAT_VERSION {
        return Err(RoadFileFault::Version { found, supported: FORMAT_VERSION }.into());
    }
    let length = u64::from_le_bytes(fields.array().map_err(truncated)?);
    let expected = u32::from_le_bytes(fields.array().map_err(truncated)?);
    let mut payload = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut payload)?;
    if (payload.len() as u64) < length {
        let missing = length - payload.len() as u64;
        return Err(RoadFileFault::Truncated { missing }.into());
    }
    let actual = crc32c::crc32c(&payload);
    if actual != expected {
        return Err(RoadFileFault::Checksum { expected, actual }.into());
    }
    if reader.read(&mut [0])? > 0 {
        return Err(RoadFileFault::Malformed("bytes after its end").into());
    }
    Ok(payload)
}

fn encode(network: &Network) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    let Origin { source, missing_node_refs, unconnected_roads, unconnected_decimeters } =
        network.origin;
    out.unsigned(u64::from(source.is_some()));
    let source = source.unwrap_or_default();
    for value in [source.bytes, u64::from(source.crc32c)] {
        out.unsigned(value);
    }
    for value in [missing_node_refs, unconnected_roads, unconnected_decimeters] {
        out.unsigned(value);
    }
    out.unsigned(network.names.len() as u64);
    for name in &network.names {
        out.unsigned(name.len() as u64);
        out.0.extend(name.as_bytes());
    }
    out.unsigned(network.junction_count() as u64);
    let mut last = Coord::default();
    for junction in network.graph.node_weights() {
        out.coord(&mut last, junction.at);
    }
    let streets = || network.roads().filter(|(id, _)| network.street(*id) == *id);
    out.unsigned(streets().count() as u64);
    for (id, road) in streets() {
        encode_street(&mut out, network, id, road);
    }
    out.0
}

fn encode_street(out: &mut Writer, network: &Network, id: RoadId, road: &Road) {
    let twin = road.twin.map(|twin| network.road(twin));
    let flag = |set: bool, bit: u64| if set { bit } else { 0 };
    let flags = flag(road.restricted, RESTRICTED)
        | flag(twin.is_some(), HAS_TWIN)
        | flag(twin.is_some_and(|twin| twin.restricted), TWIN_RESTRICTED)
        | flag(road.halting, HALTING)
        | (road.class as u64) << CLASS_SHIFT;
    out.unsigned(flags);
    let (from, to) = network.ends(id);
    out.unsigned(from.index() as u64);
    out.signed(to.index() as i64 - from.index() as i64);
    out.unsigned(road.name.map_or(0, |name| u64::from(name) + 1));
    out.unsigned(u64::from(road.decimeters));
    out.unsigned(u64::from(road.ticks));
    if let Some(twin) = twin {
        out.unsigned(u64::from(twin.ticks));
    }
    let shape = network.street_shape(id);
    let inner = &shape[1..shape.len() - 1];
    out.unsigned(inner.len() as u64);
    let mut last = shape[0];
    for point in inner {
        out.coord(&mut last, *point);
    }
}

fn decode(payload: &[u8]) -> Result<Network, RoadFileFault> {
    let mut input = Reader(payload);
    let has_source = input.unsigned()? != 0;
    let source = SourceFile { bytes: input.unsigned()?, crc32c: input.u32()? };
    let origin = Origin {
        source: has_source.then_some(source),
        missing_node_refs: input.unsigned()?,
        unconnected_roads: input.unsigned()?,
        unconnected_decimeters: input.unsigned()?,
    };
    let names = (0..input.count()?).map(|_| input.text()).collect::<Result<Vec<_>, _>>()?;
    let junction_count = input.count()?;
    let mut graph = DiGraph::with_capacity(junction_count, 0);
    let mut last = Coord::default();
    for _ in 0..junction_count {
        last = input.coord(last)?;
        graph.add_node(Junction { at: last });
    }
    let mut streets = Streets { graph, points: Vec::new(), name_count: names.len() };
    for _ in 0..input.count()? {
        streets.decode(&mut input)?;
    }
    if !input.0.is_empty() {
        return Err(RoadFileFault::Malformed("bytes after its last road"));
    }
    if streets.graph.edge_count() == 0 {
        return Err(RoadFileFault::Malformed("no roads"));
    }
    Ok(Network::assemble(streets.graph, streets.points, names, origin))
}

/// The network as it is read.
struct Streets {
    graph: DiGraph<Junction, Road, u32>,
    points: Vec<Coord>,
    name_count: usize,
}

impl Streets {
    fn decode(&mut self, input: &mut Reader<'_>) -> Result<(), RoadFileFault> {
        let flags = input.unsigned()?;
        let class = usize::try_from(flags >> CLASS_SHIFT).ok();
        let class = class.and_then(|class| RoadClass::ALL.get(class));
        let class = *class.ok_or(RoadFileFault::Malformed("a road of unknown class"))?;
        let from = input.unsigned()?;
        let to = from.wrapping_add_signed(input.signed()?);
        let (from, to) = (self.junction(from)?, self.junction(to)?);
        let name = match input.unsigned()? {
            0 => None,
            idx if idx <= self.name_count as u64 => Some(idx as u32 - 1),
            _ => return Err(RoadFileFault::Malformed("a road of unknown name")),
        };
        let decimeters = input.u32()?;
        let ticks = input.u32()?;
        let twin_ticks = if flags & HAS_TWIN == 0 { None } else { Some(input.u32()?) };
        let road = Road {
            ticks,
            decimeters,
            class,
            restricted: flags & RESTRICTED != 0,
            halting: flags & HALTING != 0,
            name,
            twin: None,
            points: self.shape(input, from, to)?,
        };
        let twin = twin_ticks.map(|ticks| Road {
            ticks,
            restricted: flags & TWIN_RESTRICTED != 0,
            ..road.clone()
        });
        self.add(from, to, road, twin)
    }

    fn add(
        &mut self,
        from: JunctionId,
        to: JunctionId,
        road: Road,
        twin: Option<Road>,
    ) -> Result<(), RoadFileFault> {
        for road in std::iter::once(&road).chain(&twin) {
            let possible = (1..=ROAD_TICKS_MAX).contains(&road.ticks)
                && road.decimeters <= SPEED_MAX * road.ticks;
            if !possible {
                return Err(RoadFileFault::Malformed("a road of impossible speed"));
            }
        }
        let there = self.graph.add_edge(from, to, road);
        if let Some(twin) = twin {
            let back = self.graph.add_edge(to, from, twin);
            self.graph[there].twin = Some(back);
            self.graph[back].twin = Some(there);
        }
        Ok(())
    }

    fn junction(&self, idx: u64) -> Result<JunctionId, RoadFileFault> {
        let known = idx < self.graph.node_count() as u64;
        let junction = known.then(|| JunctionId::new(idx as usize));
        junction.ok_or(RoadFileFault::Malformed("a road from or to an unknown junction"))
    }

    fn shape(
        &mut self,
        input: &mut Reader<'_>,
        from: JunctionId,
        to: JunctionId,
    ) -> Result<Range<u32>, RoadFileFault> {
        let start = self.points.len();
        let mut last = self.graph[from].at;
        self.points.push(last);
        for _ in 0..input.count()? {
            last = input.coord(last)?;
            self.points.push(last);
        }
        self.points.push(self.graph[to].at);
        let too_many = |_| RoadFileFault::Malformed("more points than can be numbered");
        let end = u32::try_from(self.points.len()).map_err(too_many)?;
        Ok(start as u32..end)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Zigzag: small numbers of either sign stay short.
    fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)) as u64);
    }

    fn coord(&mut self, last: &mut Coord, at: Coord) {
        self.signed(i64::from(at.latitude_e7) - i64::from(last.latitude_e7));
        self.signed(i64::from(at.longitude_e7) - i64::from(last.longitude_e7));
        *last = at;
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], RoadFileFault> {
        let split = self.0.split_at_checked(len);
        let (bytes, rest) = split.ok_or(RoadFileFault::Malformed("an early end"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RoadFileFault> {
        Ok(self.bytes(N)?.try_into().expect("as many bytes as asked for"))
    }

    fn unsigned(&mut self) -> Result<u64, RoadFileFault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(RoadFileFault::Malformed("an endless number"))
    }

    fn signed(&mut self) -> Result<i64, RoadFileFault> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn u32(&mut self) -> Result<u32, RoadFileFault> {
        u32::try_from(self.unsigned()?)
            .map_err(|_| RoadFileFault::Malformed("a number out of range"))
    }

    /// How many items follow: at least a byte each, so never more than bytes are left.
    fn count(&mut self) -> Result<usize, RoadFileFault> {
        let count = usize::try_from(self.unsigned()?).ok();
        count
            .filter(|count| *count <= self.0.len())
            .ok_or(RoadFileFault::Malformed("a count beyond its end"))
    }

    fn text(&mut self) -> Result<String, RoadFileFault> {
        let len = self.count()?;
        let text = std::str::from_utf8(self.bytes(len)?);
        text.map(str::to_owned).map_err(|_| RoadFileFault::Malformed("a name that is not UTF-8"))
    }

    fn coord(&mut self, last: Coord) -> Result<Coord, RoadFileFault> {
        let mut moved = |from: i32| -> Result<Option<i32>, RoadFileFault> {
            let to = i64::from(from).checked_add(self.signed()?);
            Ok(to.and_then(|to| i32::try_from(to).ok()))
        };
        let (latitude, longitude) = (moved(last.latitude_e7)?, moved(last.longitude_e7)?);
        let coord = latitude.zip(longitude).and_then(|(lat, lng)| Coord::from_e7(lat, lng));
        coord.ok_or(RoadFileFault::Malformed("a point off Earth"))
    }
}
