//! What can be typed: global options, commands, and the exit codes that scripts rely on.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand};
use swerve_model::TerritoryId;

/// The id of everything that is called `-o`.
const OUTPUT: &str = "output";

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  internal error: ours, please report it
    2  the command line is wrong
    3  the input is wrong (file, line, field and rule are named), or refused by the server
    4  a rule of the plan is broken, something is left unserved with --strict, or a check failed
    5  the server cannot be reached, or cannot answer now
    6  conflict: the plan or resource has changed since it was seen
  130  interrupted

Options are taken from the command line, else from the environment (SWERVE_...), else from the
configuration file (--config), else from the defaults shown.";

/// Live last-mile route re-optimization: a promise in milliseconds, kept.
///
/// Swerve plans the vans of a territory and changes the plan while it is being driven: recipients ask
/// for another address, window or pickup point, and are told what is possible and what it costs
/// without breaking a promise made to anyone else.
///
/// `swerve demo --once` shows all of it in a minute. `swerve serve --example-config` prints a
/// configuration to start from.
#[derive(Debug, Parser)]
#[command(name = "swerve", version, after_help = EXIT_CODES, styles = styles())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// How results are printed: `table` for people, `json` for one document, `ndjson` for one a line
    /// [default: table on a terminal, json otherwise]
    //
    // An `OsString`, since the commands that write a file call theirs `-o` too (see `OutputFile`): clap
    // knows both by one id, and so they must hold the same type.
    #[arg(
        id = OUTPUT,
        short,
        long,
        global = true,
        env = "SWERVE_OUTPUT",
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(Format::NAMES).map(OsString::from),
        help_heading = "Everywhere"
    )]
    pub(crate) output: Option<OsString>,
    /// Configuration file [default: swerve.toml, if it is there]
    #[arg(
        long,
        global = true,
        env = "SWERVE_CONFIG",
        value_name = "FILE",
        help_heading = "Everywhere"
    )]
    pub(crate) config: Option<PathBuf>,
    /// No progress and no remarks; errors only
    #[arg(
        short,
        long,
        global = true,
        env = "SWERVE_QUIET",
        conflicts_with = "verbose",
        help_heading = "Everywhere"
    )]
    pub(crate) quiet: bool,
    /// More about what is being done; twice for all there is
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,
}

/// For commands that write a file: their `-o` says which, in place of the format.
#[derive(Debug, Args)]
pub(crate) struct OutputFile {
    /// File to write; replaced only once the new one is whole. (How the summary is printed,
    /// `SWERVE_OUTPUT` says.)
    #[arg(id = OUTPUT, short, long, value_name = "FILE", required = true)]
    pub(crate) output: OsString,
}

impl OutputFile {
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.output)
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Aligned columns, for people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON document a line, as they come.
    Ndjson,
}

impl Format {
    const NAMES: [&'static str; 3] = ["table", "json", "ndjson"];

    pub(crate) fn from_name(name: &OsStr) -> Option<Format> {
        let all = [Format::Table, Format::Json, Format::Ndjson];
        Format::NAMES
            .into_iter()
            .zip(all)
            .find(|(known, _)| *known == name)
            .map(|(_, format)| format)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    // Its words stand where its options are: those given here would replace them.
    Demo(crate::demo::Args),
    /// Serve territories: the API, health and metrics on one port
    ///
    /// Prints its address once calls are taken: a line of text, or with `-o json` one JSON object.
    /// SIGTERM and SIGINT drain it.
    Serve(crate::serve::Args),
    /// Call any method of a server, with JSON
    ///
    /// The server is asked what it serves (reflection), so this needs no description of its own.
    Call(crate::call::Args),
    /// Watch manifests, shipments or changes as they change
    ///
    /// A table that is drawn anew on a terminal; one JSON document a line otherwise. Lost connections
    /// are resumed where they were.
    Watch(crate::watch::Args),
    /// Look for a better plan, show the difference, and take it with --apply
    Replan(crate::replan::Args),
    /// Import a plan that another planner made, as it is
    Import(crate::import::Args),
    /// Build road files from OpenStreetMap extracts, and look at them
    Roads(crate::roads::Args),
    /// Generate sample cities and delivery days
    Scenario(crate::scenario::Args),
    /// Plan a static instance: Solomon, Gehring and Homberger, VRPLIB
    Solve(crate::solve::Args),
    /// Measure the search against best known solutions and other solvers
    Bench(crate::bench::Args),
    /// Verify a node's log, or print what is in it
    Log(crate::log::Args),
    /// Judge every revision of a log by the independent checker
    ///
    /// Replays each territory on the configuration's roads and rules: every plan change is held
    /// against the plan before it, every plan against the hash that was acknowledged. Ends with exit
    /// code 4 if anything is found.
    Check(crate::check::Args),
}

/// A territory's name, as an option's value.
pub(crate) fn territory(text: &str) -> Result<TerritoryId, String> {
    TerritoryId::new(text).map_err(|rule| format!("it {rule}"))
}

/// A count or a seed, as an option's value.
pub(crate) fn whole<N: TryFrom<u64>>(text: &str) -> Result<N, &'static str> {
    let number: u64 = text.parse().map_err(|_| "a whole number, 0 or more, is required")?;
    N::try_from(number).map_err(|_| "it is more than there can be")
}

/// A number of threads, or of what runs on one each, as an option's value.
pub(crate) fn threads(text: &str) -> Result<usize, &'static str> {
    let rule = "a whole number from 1 to 256 is required";
    let number: usize = text.parse().map_err(|_| rule)?;
    if (1..=256).contains(&number) { Ok(number) } else { Err(rule) }
}

/// A time limit in seconds, as an option's value.
pub(crate) fn seconds(text: &str) -> Result<f64, &'static str> {
    let rule = "seconds, more than 0 and at most a day, are required";
    let seconds: f64 = text.parse().map_err(|_| rule)?;
    if seconds > 0.0 && seconds <= 86_400.0 { Ok(seconds) } else { Err(rule) }
}

const fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent_with_itself() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_count_that_is_none_is_told_the_rule() {
        assert_eq!(whole::<u32>("4294967295"), Ok(u32::MAX));
        assert_eq!(whole::<u32>("4294967296"), Err("it is more than there can be"));
        for wrong in ["", "x", "-1", "1.5", "18446744073709551616"] {
            assert_eq!(whole::<u32>(wrong), Err("a whole number, 0 or more, is required"));
        }
    }

    #[test]
    fn a_time_limit_is_a_time() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "nan", "inf", "1e9", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn help_for_the_demonstration_says_when_it_succeeds() {
        let mut command = Cli::command();
        let demo = command.find_subcommand_mut("demo").expect("there is one");
        let help = demo.render_long_help().to_string();
        assert!(help.contains("exit code 0 only if"), "{help}");
    }

    #[test]
    fn help_names_every_exit_code() {
        let help = Cli::command().render_long_help().to_string();
        for code in ["0", "1", "2", "3", "4", "5", "6", "130"] {
            let listed =
                help.lines().any(|line| line.trim_start().starts_with(&format!("{code}  ")));
            assert!(listed, "{code} is missing in\n{help}");
        }
    }
}
