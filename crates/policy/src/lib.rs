//! May this recipient change this, this late, and at what fee?
//!
//! A [`Policy`] is a table of rules read from a TOML file: until when each kind of change may be asked
//! for, what it costs, who may ask, what goods forbid it, and the prices planning trades with.
//! [`decide`] holds a wish's [`Facts`] against it and gives every reason against at once;
//! [`options`] says the same of every kind before anything is wished for. Pure functions: the same
//! facts and rules give the same answer, in the same order.
//!
//! What a policy forbids is impossible, not "not found": no search is made.
//!
//! Adding a rule: a field of [`Policy`] with its default, its line in `parse`, its line and comment in
//! `policy.default.toml`, its judgement in `decide`, and a new snapshot.
#![forbid(unsafe_code)]

mod decide;
mod facts;
mod parse;
mod policy;

pub use decide::{ChangeOption, Decision, decide, options};
pub use facts::{Facts, Stage};
pub use parse::{Fault, PolicyError};
pub use policy::{
    DEFAULT_TEXT, GoodsRules, KindRules, PerGoods, PerKind, Policy, Prices, StageRules,
};
