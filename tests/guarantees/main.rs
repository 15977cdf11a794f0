//! What Swerve promises, tried from outside: a server killed at random moments, a day replayed, and
//! the same day on one thread and on two.

#[path = "../cli/fixture.rs"]
#[allow(dead_code, reason = "shared with the command line's tests; a part of it is used here")]
mod fixture;

mod asks;
mod journal;
mod kill;
mod lanes;
mod mirror;
mod replay;
mod town;
