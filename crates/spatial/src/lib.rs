//! Where could this stop go: live routes, found by where they are.
//!
//! A route is indexed not stop by stop but in runs of a few dozen consecutive positions, each a box on
//! the plane with its longest leg. That is what a best-insertion search needs: a box tells at once how
//! little a detour through any of its gaps can cost, and there are few enough of them that the tree is
//! rebuilt in a blink. Legs across town are kept apart, since distance says little about them.
//!
//! An index is immutable. Replacing a route gives another that shares the tree; the replaced route's
//! runs are kept beside it and looked through one by one, until there are so many that a new tree
//! pays. What is handed out is the same either way: every run, by distance, then route, then position.
#![forbid(unsafe_code)]

mod chunk;
mod index;
mod long;
mod nearby;

pub use chunk::RouteShape;
pub use index::ChunkIndex;
