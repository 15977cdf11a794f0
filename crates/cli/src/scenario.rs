//! `swerve scenario`: sample cities and delivery days, from a seed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;
use swerve_roads::pbf::write_osm;
use swerve_roads::{Network, Profile};
use swerve_scenario::city::{self, SAMPLE_SEED};
use swerve_scenario::day::{DayParams, Places};
use swerve_scenario::{CivilDate, Day};

use crate::args::{self, OutputFile};
use crate::exit::{Exit, OrExit as _};
use crate::files;
use crate::output::{Output, Table};
use crate::roads::{self, Loaded};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate a city, or a day over a map; equal seeds give equal files
    #[command(subcommand)]
    Generate(Generate),
}

#[derive(Debug, Subcommand)]
enum Generate {
    /// A believable town as an OpenStreetMap extract (.osm.pbf)
    City(CityArgs),
    /// A delivery day over any map: fleet, parcels, promises and wishes, as JSON
    Day(DayArgs),
}

#[derive(Debug, clap::Args)]
struct CityArgs {
    /// Another seed, another town
    #[arg(long, default_value_t = SAMPLE_SEED, value_parser = args::whole::<u64>, value_name = "NUMBER")]
    seed: u64,
    #[command(flatten)]
    file: OutputFile,
}

#[derive(Debug, clap::Args)]
struct DayArgs {
    /// An extract (.osm.pbf), whose addresses and buildings are delivered to; or a road file, along
    /// whose streets doors are assumed
    #[arg(value_name = "MAP")]
    map: PathBuf,
    /// The day is drawn from it: same seed and map, same day
    #[arg(long, default_value_t = 1, value_parser = args::whole::<u64>, value_name = "NUMBER")]
    seed: u64,
    /// Drivers, each with a van and a manifest
    #[arg(long, default_value_t = 20, value_parser = args::whole::<u32>, value_name = "COUNT")]
    drivers: u32,
    /// Stops, about
    #[arg(long, default_value_t = 1500, value_parser = args::whole::<u32>, value_name = "COUNT")]
    stops: u32,
    /// Day it plays on [default: 2026-03-17]
    #[arg(long, value_name = "DATE")]
    date: Option<CivilDate>,
    /// IANA time zone [default: Europe/Vienna]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<String>,
    /// ISO 4217 code [default: EUR]
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Share of recipients who change their minds, 0 to 1
    #[arg(long, value_parser = permille, value_name = "SHARE", default_value = "0.08")]
    wish_share: u32,
    #[command(flatten)]
    file: OutputFile,
}

fn zone(text: &str) -> Result<String, &'static str> {
    let known = jiff::tz::TimeZone::get(text).map(|_| text.to_owned());
    known.map_err(|_| "it is no time zone that the IANA database knows")
}

/// A share from 0 to 1 as parts per thousand.
fn permille(text: &str) -> Result<u32, &'static str> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.map(|share| (share * 1000.0).round() as u32).ok_or("a share from 0 to 1 is required")
}

/// What the commands print about the file they wrote.
#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    seed: u64,
    #[serde(flatten)]
    made: Made,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Made {
    City { nodes: usize, ways: usize, addresses: usize },
    Day { manifests: usize, points: usize, shipments: usize, parcels: usize, wishes: usize },
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let Command::Generate(what) = &args.command;
    let report = match what {
        Generate::City(args) => generate_city(args, output)?,
        Generate::Day(args) => generate_day(args, output)?,
    };
    output.emit(&report, || report.table())?;
    Ok(ExitCode::SUCCESS)
}

fn generate_city(args: &CityArgs, output: &Output) -> anyhow::Result<Report> {
    let path = args.file.path();
    let spinner = output.spinner("building the town");
    let data = city::generate(args.seed);
    spinner.finish_and_clear();
    files::write_whole(path, |writer| {
        write_osm(&data, writer).or_exit(Exit::Invalid, || cannot_write(path))
    })?;
    let (nodes, ways, addresses) = (data.nodes.len(), data.ways.len(), data.addresses().len());
    let made = Made::City { nodes, ways, addresses };
    Ok(Report { file: path.to_owned(), seed: args.seed, made })
}

fn generate_day(args: &DayArgs, output: &Output) -> anyhow::Result<Report> {
    let path = args.file.path();
    let places = places(&args.map, output)?;
    let mut params = DayParams::new(args.seed, args.drivers, args.stops);
    params.name = args.map.file_name().unwrap_or_default().to_string_lossy().into_owned();
    params.wish_permille = args.wish_share;
    params.date = args.date.unwrap_or(params.date);
    params.zone = args.zone.clone().unwrap_or(params.zone);
    params.currency = args.currency.clone().unwrap_or(params.currency);
    let spinner = output.spinner("drawing the day");
    let day = Day::generate(&params, &places);
    spinner.finish_and_clear();
    let day = day.or_exit(Exit::Invalid, || "no such day".to_owned())?;
    let json = day.to_json().or_exit(Exit::Internal, || "the day has no JSON".to_owned())?;
    files::write_whole(path, |writer| {
        writer.write_all(json.as_bytes()).or_exit(Exit::Invalid, || cannot_write(path))
    })?;
    let made = Made::Day {
        manifests: day.manifests.len(),
        points: day.points.len(),
        shipments: day.shipments.len(),
        parcels: day.shipments.iter().map(|shipment| shipment.parcels.len()).sum(),
        wishes: day.wishes.len(),
    };
    Ok(Report { file: path.to_owned(), seed: args.seed, made })
}

/// Where parcels can go: by addresses and buildings where the map has them, else along its streets.
fn places(map: &Path, output: &Output) -> anyhow::Result<Places> {
    match roads::load_any(map, output)? {
        Loaded::RoadFile(roads) => Ok(Places::from_network(&roads.network)),
        Loaded::Extract(data) => {
            let network = Network::from_osm(&data, &Profile::van());
            let network = network.or_exit(Exit::Invalid, || map.display().to_string())?;
            Ok(Places::from_osm(&data).kept_near(&network))
        }
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

impl Report {
    fn table(&self) -> Table {
        let mut table = Table::pairs();
        table.pair("file", self.file.display()).pair("seed", self.seed);
        match self.made {
            Made::City { nodes, ways, addresses } => {
                table.pair("nodes", nodes).pair("ways", ways).pair("addresses", addresses);
            }
            Made::Day { manifests, points, shipments, parcels, wishes } => {
                table
                    .pair("manifests", manifests)
                    .pair("points", points)
                    .pair("shipments", shipments)
                    .pair("parcels", parcels)
                    .pair("wishes", wishes);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_parts_per_thousand() {
        assert_eq!(permille("0.08"), Ok(80));
        for wrong in ["1.1", "-0.1", "nan", "x"] {
            assert!(permille(wrong).is_err(), "{wrong}");
        }
    }
}
