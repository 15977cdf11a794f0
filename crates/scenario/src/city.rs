//! A believable town, from a seed, as an ordinary OpenStreetMap extract.
//!
//! Demonstrations and tests need a road network that behaves like a real one (a river to be crossed
//! at a few bridges, one-ways, cul-de-sacs, blocks of every size) and yet is small, free of licence
//! questions and the same for everyone. A uniform grid would be none of this: it has no detours,
//! and many shortest paths where towns have one.
//!
//! In order: the lie of the land (`site`), main roads (`arteries`), local streets grown between
//! them (`growth`) along a direction field (`field`) on a planar map (`plat`), finishing
//! (`finish`), rules of the road (`traffic`), names, houses and shops (`names`, `doors`),
//! and the whole as OSM data (`osm`).

mod arteries;
mod doors;
mod field;
mod finish;
mod geometry;
mod growth;
mod halls;
mod layout;
mod names;
mod osm;
mod paths;
mod plat;
mod signs;
mod site;
mod streets;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};

use swerve_roads::OsmData;

use crate::dice::Dice;
use arteries::Arteries;
use doors::{Door, Shopfront};
use field::Field;
use finish::Finish;
use growth::Growth;
use halls::Hall;
use plat::Plat;
use site::Site;
use streets::Street;
use traffic::Traffic;

/// The seed of `datasets/sample-city.osm.pbf`.
pub const SAMPLE_SEED: u64 = 2;

/// A town of about 10 by 9 kilometres and a hundred thousand people: 3,000 to 6,000 junctions,
/// about 10,000 addresses. Equal seeds give equal data. Takes a second or so.
pub fn generate(seed: u64) -> OsmData {
    osm::to_osm(&Town::build(seed))
}

/// Everything a town consists of, before it is written out.
struct Town {
    site: Site,
    plat: Plat,
    streets: Vec<Street>,
    /// Lines of each street, as node numbers.
    lines: Vec<Vec<Vec<u32>>>,
    /// Tags of nodes on streets.
    signs: BTreeMap<u32, Vec<(&'static str, &'static str)>>,
    /// Nodes at which a side street must not turn left into a main road: side, main.
    restricted: BTreeMap<u32, [u32; 2]>,
    doors: Vec<Door>,
    fronts: Vec<Shopfront>,
    halls: Vec<Hall>,
}

impl Town {
    fn build(seed: u64) -> Town {
        let mut site = Site::new(seed);
        let arteries = Arteries::plan(&site, seed);
        site.villages.clone_from(&arteries.villages);
        site.settle(&arteries.ring, &arteries.belt, &arteries.radials);
        let (mut plat, mut streets) = (Plat::new(), Vec::new());
        arteries.draw(&mut plat, &mut streets);
        let field = Field::new(seed);
        let dice = |purpose| Dice::new(seed, purpose, 0, 0);
        Growth {
            site: &site,
            field: &field,
            plat: &mut plat,
            streets: &mut streets,
            dice: dice("growth"),
        }
        .fill();
        Finish { site: &site, plat: &mut plat, streets: &mut streets, dice: dice("finish") }
            .finish();
        for (street, quarter) in quarters(&site, &plat, streets.len()).into_iter().enumerate() {
            streets[street].quarter = quarter.unwrap_or(streets[street].quarter);
        }
        let mut traffic = Traffic { plat: &plat, streets: &mut streets, bollards: BTreeSet::new() };
        traffic.regulate(&mut dice("traffic"));
        let bollards = traffic.bollards;
        names::give_names(&mut streets, seed);
        let lines = paths::lines(&plat, streets.len());
        let doors = doors::number_houses(&site, &plat, &streets, &lines, seed);
        let fronts = doors::open_shops(&doors, &streets, seed);
        let signs = signs::put_up(&site, &plat, &streets, &bollards, seed);
        let restricted = signs::restrict_turns(&plat, &streets, seed);
        let halls = halls::build(&site, &plat, seed);
        Town { site, plat, streets, lines, signs, restricted, doors, fronts, halls }
    }
}

/// The quarter each street mostly lies in, by the middle of its edges; `None` if it has none left.
fn quarters(site: &Site, plat: &Plat, street_count: usize) -> Vec<Option<site::Quarter>> {
    let mut votes = vec![BTreeMap::<site::Quarter, u32>::new(); street_count];
    for (_, edge) in plat.edges() {
        let (a, b) = plat.ends(edge);
        *votes[edge.street as usize].entry(site.quarter(a.toward(b, 0.5))).or_default() += 1;
    }
    let winner = |votes: BTreeMap<site::Quarter, u32>| {
        votes
            .into_iter()
            .max_by_key(|(quarter, count)| (*count, *quarter))
            .map(|(quarter, _)| quarter)
    };
    votes.into_iter().map(winner).collect()
}

#[cfg(test)]
mod tests;
