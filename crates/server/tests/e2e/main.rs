//! A small territory behind a real socket: what callers of every role get to see of it.

mod day;
mod drain;
mod hostile;
mod rig;
mod rights;
mod watching;
mod web;
