//! The configuration to start from, as `swerve serve --example-config` prints it.

/// Every setting there is, explained.
pub(crate) const EXAMPLE: &str = include_str!("../../swerve.example.toml");
