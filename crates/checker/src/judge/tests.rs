//! One planted fault of every kind is found, and nothing else with it; legal changes pass.

mod planted;
mod properties;
mod rules;
