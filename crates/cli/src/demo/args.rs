//! What can be asked of the demonstration.

use std::path::PathBuf;

use swerve_scenario::day::DayParams;

use crate::args::whole;

/// Where the sample city lies in the project; its bytes are part of the program.
const SAMPLE_NAME: &str = "sample city";

/// Run a whole delivery day against a real server, in a minute.
///
/// A seeded day (parcels, vans, recipients who change their minds) is planned and driven on a
/// simulated clock. The simulator is a gRPC client like any other; it alone knows how long roads and
/// doors really take, and keeps its own book of what was promised. The same day is run again without
/// wishes and with insertion alone, and reckoned as a carrier without Swerve would have run it.
///
/// With --once it ends with exit code 0 only if the engine broke no promise, wishes harmed at most
/// 0.5 % of them, the checker accepts every revision, at least 99 % of stops were served and at
/// least 70 % of wishes granted; else with 4. Without --once the day is told line by line, and the
/// server stays up until Ctrl-C.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Run at full speed, print the figures and end
    #[arg(long)]
    pub(crate) once: bool,
    /// Roads to drive on: a road file or an OpenStreetMap extract [default: a sample city, built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) roads: Option<PathBuf>,
    /// Drivers, each with a van
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = whole::<u32>)]
    pub(crate) drivers: u32,
    /// Stops of the day, about
    #[arg(long, value_name = "COUNT", default_value_t = 1_500, value_parser = whole::<u32>)]
    pub(crate) stops: u32,
    /// Share of recipients who change their minds, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.08, value_parser = share)]
    pub(crate) wish_share: f64,
    /// The day is drawn from it: same seed, same day
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole::<u64>)]
    pub(crate) seed: u64,
    /// Simulated seconds that pass in one real second while the story is told
    #[arg(long, value_name = "FACTOR", default_value_t = 180.0, value_parser = factor)]
    pub(crate) speed: f64,
    /// Port to serve on, on loopback; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Keep the logs here, one folder a run; it must not hold any yet [default: a temporary folder,
    /// removed at the end]
    #[arg(long, value_name = "FOLDER", env = "SWERVE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl Args {
    /// The day that is asked for, as the generator takes it.
    pub(crate) fn day(&self) -> DayParams {
        let name = match &self.roads {
            None => SAMPLE_NAME.to_owned(),
            Some(path) => path.display().to_string(),
        };
        let wish_permille = (self.wish_share * 1000.0).round() as u32;
        DayParams { name, wish_permille, ..DayParams::new(self.seed, self.drivers, self.stops) }
    }
}

fn share(text: &str) -> Result<f64, String> {
    within(text, 0.0, 1.0)
}

/// A day in a second at most, so that the story can still be seen.
fn factor(text: &str) -> Result<f64, String> {
    within(text, 1.0, 100_000.0)
}

fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{value} is not between {low} and {high}"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parsed(line: &[&str]) -> Result<Args, clap::Error> {
        Line::try_parse_from([&["demo"], line].concat()).map(|line| line.args)
    }

    #[test]
    fn a_share_is_rounded_to_what_the_generator_counts_in() {
        let args = parsed(&["--wish-share", "0.0804"]).expect("it is a share");
        assert_eq!(args.day().wish_permille, 80);
        assert_eq!(args.day().seed, 1);
    }

    #[test]
    fn numbers_out_of_range_and_words_are_refused_by_name() {
        for bad in [["--wish-share", "1.5"], ["--wish-share", "NaN"], ["--speed", "0"]] {
            let error = parsed(&bad).expect_err("it is out of range").to_string();
            assert!(error.contains(bad[0]) && error.contains(bad[1]), "{error}");
        }
    }
}
