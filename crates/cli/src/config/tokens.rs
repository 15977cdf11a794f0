//! From entries of the file to tokens in force: fetched from where they are kept, never shown.

use std::env;

use anyhow::anyhow;
use swerve_auth::{Secret, TokenSetting, Tokens};

use super::{SecretSource, TokenEntry};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;

impl SecretSource {
    /// The token itself, without the line end that editors leave.
    ///
    /// # Errors
    /// The variable is not set, or the file cannot be read.
    pub(crate) fn fetch(&self) -> anyhow::Result<String> {
        match self {
            SecretSource::Plain(token) => Ok(token.clone()),
            SecretSource::Env(name) => match env::var(name) {
                Ok(token) => Ok(token),
                Err(env::VarError::NotPresent) => Err(anyhow!("the environment has no {name}")),
                Err(env::VarError::NotUnicode(_)) => Err(anyhow!("{name} is not UTF-8")),
            },
            SecretSource::File(path) => Ok(files::read_text(path)?.trim_end().to_owned()),
        }
    }
}

/// The tokens in force.
///
/// # Errors
/// Every token that cannot be fetched; else every fault of those that were.
pub(crate) fn tokens(entries: &[TokenEntry]) -> anyhow::Result<Tokens> {
    let mut faults = Vec::new();
    let mut settings = Vec::new();
    for entry in entries {
        match entry.source.fetch() {
            Ok(token) => settings.push(TokenSetting {
                name: entry.name.clone(),
                token: Secret::new(token),
                tenant: entry.tenant.clone(),
                role: entry.role,
                driver: entry.driver.clone(),
                shipment: entry.shipment.clone(),
            }),
            Err(error) => faults.push(format!("token {:?}: {error:#}", entry.name)),
        }
    }
    if !faults.is_empty() {
        return Err(Failure::new(Exit::Invalid, faults.join("\n")).into());
    }
    Tokens::new(settings).or_exit(Exit::Invalid, || "the configuration's tokens".to_owned())
}
