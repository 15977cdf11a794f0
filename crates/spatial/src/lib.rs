//! Where could this stop go: live routes, found by where they are.
//!
//! Two questions are asked. Which routes pass near here: runs of a few dozen consecutive positions, each
//! a box on the plane, by distance from an R-tree. And between which two neighbours a stop could go
//! for little: gaps of all routes, grouped by where they are and not by whose, so that a bound rules out
//! all but a few hundred of 150,000; each knows when it is left and due, so a route is to be told anew when
//! its times change, not only when its stops do. Legs across town are grouped apart, by both their ends.
//!
//! An index is immutable. Replacing a route gives another that shares the trees; what the replaced
//! route has now is kept beside them and looked through route by route, until there are so many that
//! new trees pay. What is found is the same either way.
#![forbid(unsafe_code)]

mod bounds;
mod chunk;
mod gap;
mod gap_tree;
mod hilbert;
mod index;
mod nearby;

pub use index::ChunkIndex;
