//! The engine room of [`crate::improve`] and [`crate::construct`]: many small changes to a plan, tried
//! fast, kept if they pay.
//!
//! A search works on a [`space::Space`], a dense copy of its part of the plan: stops and vans by small
//! numbers, legs in a table where that is worth filling, windows and permissions worked out once. The
//! plan under change is a [`draft::Draft`] of [`tour::Tour`]s, which keep per position what prices a
//! change without driving the route again. [`anneal`] tears out strings of neighbours and puts them
//! back ([`ruin`], [`recreate`]); [`descent`] goes downhill by single moves ([`moves`]); [`workers`]
//! runs several of these side by side.
//!
//! Hard rules are never traded: every draft on the way is one that could be published.

pub(crate) mod anneal;
pub(crate) mod descent;
pub(crate) mod draft;
pub(crate) mod legs;
pub(crate) mod moves;
pub(crate) mod neighbours;
pub(crate) mod recreate;
pub(crate) mod ruin;
pub(crate) mod space;
pub(crate) mod tour;
pub(crate) mod workers;
