//! The binary as its users meet it: what it prints, how it ends, what it says of wrong input.

mod bench_day;
mod bench_dynamic;
mod bench_static;
mod check;
mod config;
mod fixture;
mod import;
mod roads;
mod scenario;
mod serve;
mod solve;
mod usage;
