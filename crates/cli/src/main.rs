//! The `swerve` command: one binary that serves, and everything an operator does beside it.
//!
//! Here and in `clock` is all that the library crates must not do: read the real clock, the
//! environment and files, and decide how a program ends. Data goes to stdout, words to stderr, and
//! every failure ends in one of the exit codes that `swerve --help` lists.
#![forbid(unsafe_code)]

mod args;
mod bench;
mod best_known;
mod call;
mod check;
mod clock;
mod config;
mod demo;
mod exit;
mod files;
mod import;
mod interrupt;
mod log;
mod logs;
mod money;
mod offline;
mod output;
mod protojson;
mod remote;
mod replan;
mod roads;
mod scenario;
mod serve;
mod settings;
mod solve;
mod times;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    match run(cli, &output) {
        Ok(code) => code,
        Err(error) => exit::report(&error, &output),
    }
}

fn run(cli: Cli, output: &Output) -> anyhow::Result<ExitCode> {
    let config = cli.global.config.as_deref();
    match cli.command {
        Command::Demo(args) => demo::run(&args, output),
        Command::Serve(args) => serve::run(args, config, output),
        Command::Call(args) => call::run(&args, config, output),
        Command::Watch(args) => watch::run(&args, config, output),
        Command::Replan(args) => replan::run(&args, config, output),
        Command::Import(args) => import::run(&args, config, output),
        Command::Roads(args) => roads::run(args, output),
        Command::Scenario(args) => scenario::run(&args, output),
        Command::Solve(args) => solve::run(&args, output),
        Command::Bench(args) => bench::run(&args, output),
        Command::Log(args) => log::run(&args, config, output),
        Command::Check(args) => check::run(&args, config, output),
    }
}
