//! The reader against another program's: pyosmium's counts and checksums of public extracts.
//!
//! `fixtures/extracts.txt` holds what `fixtures/extracts.py` printed. The extracts themselves are
//! looked for in `$SWERVE_DATASETS/osm`, and the tests name those that are absent.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::PathBuf;

use flate2::Crc;
use swerve_roads::pbf::{Element, MemberKind, TagsRef, read_elements};
use swerve_roads::{OsmData, pbf, read_osm};

const EXPECTED: &str = include_str!("fixtures/extracts.txt");

fn extract(name: &str) -> Option<BufReader<File>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/datasets");
    let folder = std::env::var("SWERVE_DATASETS").unwrap_or_else(|_| default.to_owned());
    let path = PathBuf::from(folder).join("osm").join(name);
    match File::open(&path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(error) => {
            // Not `eprintln`, which a passing test keeps to itself.
            let _ = writeln!(std::io::stderr(), "skipped {}: {error}", path.display());
            None
        }
    }
}

/// Count and CRC-32 of one kind of element, over the lines `extracts.py` describes.
#[derive(Default)]
struct Sum {
    count: u32,
    crc: Crc,
    line: String,
}

impl Sum {
    fn add(&mut self, id: i64, content: &str, tags: TagsRef<'_>) {
        self.line.clear();
        write!(self.line, "{id} {content}").expect("strings grow");
        for (key, value) in tags {
            write!(self.line, " {key}={value}").expect("strings grow");
        }
        self.line.push('\n');
        self.crc.update(self.line.as_bytes());
        self.count += 1;
    }
}

fn sums(file: BufReader<File>) -> String {
    let [mut nodes, mut ways, mut relations] = [(); 3].map(|()| Sum::default());
    let read = read_elements(file, |element| {
        match element {
            Element::Node { id, at, tags } => {
                nodes.add(id, &format!("{} {}", at.latitude_e7, at.longitude_e7), tags);
            }
            Element::Way { id, nodes, tags } => {
                let nodes: Vec<String> = nodes.iter().map(i64::to_string).collect();
                ways.add(id, &nodes.join(","), tags);
            }
            Element::Relation { id, members, tags } => {
                let kind = |kind| match kind {
                    MemberKind::Node => 'n',
                    MemberKind::Way => 'w',
                    MemberKind::Relation => 'r',
                };
                let members: Vec<String> = members
                    .iter()
                    .map(|member| format!("{}{}:{}", kind(member.kind), member.id, member.role))
                    .collect();
                relations.add(id, &members.join(","), tags);
            }
        }
        Ok(())
    });
    read.expect("a public extract is well formed");
    [nodes, ways, relations].map(|sum| format!("{} {:08x}", sum.count, sum.crc.sum())).join(" ")
}

#[test]
fn public_extracts_read_as_pyosmium_reads_them() {
    let lines: Vec<&str> = EXPECTED.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 7, "the fixture has lost extracts");
    for line in lines {
        let (name, expected) = line.split_once(' ').expect("a name, then sums");
        if let Some(file) = extract(name) {
            assert_eq!(sums(file), expected, "{name}");
        }
    }
}

#[test]
fn an_extract_written_and_read_again_is_unchanged() {
    let Some(file) = extract("krems.osm.pbf") else { return };
    let mut data = read_osm(file).expect("a public extract is well formed");
    let mut bytes = Vec::new();
    pbf::write_osm(&data, &mut bytes).expect("vectors grow");
    let mut again = Vec::new();
    pbf::write_osm(&data, &mut again).expect("vectors grow");
    assert!(bytes == again, "the same data gave other bytes");
    let mut back = read_osm(bytes.as_slice()).expect("what was written is well formed");
    assert!(back.source.is_some_and(|source| source.bytes == bytes.len() as u64));
    (data.source, back.source) = (None, None);
    assert!(data == back, "the data changed on their way through a file");
}

#[test]
fn addresses_and_buildings_of_an_extract_are_found() {
    let Some(file) = extract("monaco.osm.pbf") else { return };
    let data: OsmData = read_osm(file).expect("a public extract is well formed");
    let addresses = data.addresses();
    assert!(addresses.len() > 50, "{} addresses", addresses.len());
    assert!(data.buildings().count() > 500);
    for address in addresses {
        assert!((43.5..44.0).contains(&address.at.latitude()), "{address:?}");
        assert!((7.2..7.6).contains(&address.at.longitude()), "{address:?}");
    }
}
