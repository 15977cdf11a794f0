//! What a network holds, for people to judge a road file by.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Serialize;
use swerve_roads::NetworkStats;

use super::LoadedRoads;
use crate::output::{Output, Table, hex};

/// The document that `roads info -o json` prints. Lengths in kilometres, twins counted once.
#[derive(Debug, Serialize)]
struct Info {
    file: String,
    bytes: u64,
    /// SHA-256 of the file, as `OperatorService.GetTerritory` tells it.
    fingerprint: String,
    junctions: usize,
    /// Directions of streets.
    roads: usize,
    one_way_streets: usize,
    gates: usize,
    km_total: f64,
    /// Not for through traffic.
    km_restricted: f64,
    km_by_class: BTreeMap<&'static str, f64>,
    shape_points: usize,
    street_names: usize,
    speed_max_kmh: f64,
    bounding_box: BoundingBox,
    source: Option<Source>,
    left_out: LeftOut,
}

#[derive(Debug, Serialize)]
struct BoundingBox {
    south: f64,
    west: f64,
    north: f64,
    east: f64,
}

/// The extract it was built from.
#[derive(Debug, Serialize)]
struct Source {
    bytes: u64,
    crc32c: String,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    /// References to nodes the extract does not hold.
    missing_node_refs: u64,
    /// Roads that are not connected with the rest.
    unconnected_roads: u64,
    unconnected_km: f64,
}

/// Three decimals: metres.
fn km(kilometers: f64) -> f64 {
    (kilometers * 1000.0).round() / 1000.0
}

impl Info {
    fn of(path: &Path, roads: &LoadedRoads) -> Info {
        let stats = roads.network.stats();
        let NetworkStats { origin, bounding_box: (low, high), .. } = stats;
        Info {
            file: path.display().to_string(),
            bytes: roads.bytes,
            fingerprint: hex(&roads.fingerprint),
            junctions: stats.junctions,
            roads: stats.roads,
            one_way_streets: stats.one_way_streets,
            gates: stats.gates,
            km_total: km(stats.km_total),
            km_restricted: km(stats.km_restricted),
            km_by_class: (stats.km_by_class.iter())
                .map(|(class, length)| (class.name(), km(*length)))
                .collect(),
            shape_points: stats.points,
            street_names: stats.names,
            speed_max_kmh: km(stats.speed_max_kmh),
            bounding_box: BoundingBox {
                south: low.latitude(),
                west: low.longitude(),
                north: high.latitude(),
                east: high.longitude(),
            },
            source: origin.source.map(|source| Source {
                bytes: source.bytes,
                crc32c: format!("{:08x}", source.crc32c),
            }),
            left_out: LeftOut {
                missing_node_refs: origin.missing_node_refs,
                unconnected_roads: origin.unconnected_roads,
                unconnected_km: km(origin.unconnected_decimeters as f64 / 10_000.0),
            },
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::pairs();
        let BoundingBox { south, west, north, east } = self.bounding_box;
        table
            .pair("file", format!("{} ({} bytes)", self.file, self.bytes))
            .pair("fingerprint", &self.fingerprint)
            .pair("junctions", self.junctions)
            .pair("roads", format!("{} (directions)", self.roads))
            .pair("one-way", format!("{} streets", self.one_way_streets))
            .pair("gates", self.gates)
            .pair(
                "length",
                format!("{:.1} km, {:.1} restricted", self.km_total, self.km_restricted),
            )
            .pair("fastest", format!("{:.1} km/h", self.speed_max_kmh))
            .pair("shape points", self.shape_points)
            .pair("street names", self.street_names)
            .pair("bounding box", format!("{south:.5},{west:.5} to {north:.5},{east:.5}"));
        if let Some(source) = &self.source {
            let words = format!("{} bytes, CRC-32C {}", source.bytes, source.crc32c);
            table.pair("built from", words);
        }
        let LeftOut { missing_node_refs, unconnected_roads, unconnected_km } = self.left_out;
        let words = format!(
            "{unconnected_roads} unconnected roads ({unconnected_km:.1} km), \
             {missing_node_refs} references beyond the extract"
        );
        table.pair("left out", words);
        for (class, length) in &self.km_by_class {
            table.pair(&format!("  {class}"), format!("{length:.1} km"));
        }
        table
    }
}

pub(super) fn print(path: &Path, roads: &LoadedRoads, output: &Output) -> io::Result<()> {
    let info = Info::of(path, roads);
    output.emit(&info, || info.table())
}
