//! Reading a network from whichever file it is in, with the fingerprint that names it.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use swerve_roads::{Network, OsmData, Profile, RoadFileFault, RoadsError, read_osm};

use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::output::Output;

/// A network and the file it came from.
#[derive(Clone, Debug)]
pub(crate) struct LoadedRoads {
    pub(crate) network: Arc<Network>,
    /// SHA-256 of the file.
    pub(crate) fingerprint: [u8; 32],
    pub(crate) bytes: u64,
}

/// What a map's file holds.
pub(crate) enum Loaded {
    RoadFile(LoadedRoads),
    Extract(OsmData),
}

/// Loads a road file or an extract. Which it is, its bytes say, not its name.
///
/// # Errors
/// The file cannot be read, or is neither; what is wrong with it is said.
pub(crate) fn load_any(path: &Path, output: &Output) -> anyhow::Result<Loaded> {
    match load_road_file(path)? {
        Some(roads) => Ok(Loaded::RoadFile(roads)),
        None => read(path, output).map(|(data, _)| Loaded::Extract(data)),
    }
}

/// Loads a road file; an extract is built first, which takes longer.
///
/// # Errors
/// As [`load_any`], or the extract holds no road.
pub(crate) fn load(path: &Path, output: &Output) -> anyhow::Result<LoadedRoads> {
    match load_road_file(path)? {
        Some(roads) => Ok(roads),
        None => build(path, output),
    }
}

/// `None` for what is no road file at all.
fn load_road_file(path: &Path) -> anyhow::Result<Option<LoadedRoads>> {
    let mut reader = Hashing::new(files::open(path)?);
    match Network::load(&mut reader) {
        Ok(network) => Ok(Some(reader.finish(network))),
        Err(RoadsError::RoadFile(RoadFileFault::NotARoadFile)) => Ok(None),
        Err(error) => Err(error).or_exit(Exit::Invalid, || path.display().to_string()),
    }
}

/// Builds the network of an extract, for vans.
///
/// # Errors
/// The file cannot be read, is no extract, or holds no road.
pub(crate) fn build(path: &Path, output: &Output) -> anyhow::Result<LoadedRoads> {
    let (data, reader) = read(path, output)?;
    let building = output.spinner("connecting roads");
    let network = Network::from_osm(&data, &Profile::van());
    building.finish_and_clear();
    let network = network.or_exit(Exit::Invalid, || path.display().to_string())?;
    Ok(reader.finish(network))
}

fn read(path: &Path, output: &Output) -> anyhow::Result<(OsmData, Hashing<impl Read>)> {
    let bar = output.progress_bytes(files::len(path), &format!("reading {}", path.display()));
    let mut reader = Hashing::new(bar.wrap_read(files::open(path)?));
    let data = read_osm(&mut reader);
    bar.finish_and_clear();
    let data = data.map_err(|error| {
        let foreign = matches!(error, RoadsError::Pbf { offset: 0, .. });
        let rule = "neither a road file nor an OpenStreetMap extract (.osm.pbf)";
        let name = path.display();
        let what = if foreign { format!("{name} is {rule}") } else { name.to_string() };
        Failure::caused(Exit::Invalid, what, error.into())
    })?;
    Ok((data, reader))
}

/// Takes the digest of what is read on its way.
struct Hashing<R> {
    reader: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    fn new(reader: R) -> Hashing<R> {
        Hashing { reader, digest: Sha256::new(), bytes: 0 }
    }

    /// For a reader that was read to its end.
    fn finish(self, network: Network) -> LoadedRoads {
        LoadedRoads {
            network: Arc::new(network),
            fingerprint: self.digest.finalize().into(),
            bytes: self.bytes,
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.digest.update(&buffer[..len]);
        self.bytes += len as u64;
        Ok(len)
    }
}
