//! The `swerve` command: one binary that serves, and everything an operator does beside it.
//!
//! Here and in `clock` is all that the library crates must not do: read the real clock, the
//! environment and files, and decide how a program ends. Data goes to stdout, words to stderr, and
//! every failure ends in one of the exit codes that `swerve --help` lists.
#![forbid(unsafe_code)]

mod args;
mod clock;
mod demo;
mod exit;
mod files;
mod output;
mod roads;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    match run(cli.command, &output) {
        Ok(code) => code,
        Err(error) => exit::report(&error, &output),
    }
}

fn run(command: Command, output: &Output) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(args, output),
        Command::Roads(args) => roads::run(args, output),
    }
}
