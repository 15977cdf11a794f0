//! The configuration file: what `serve` serves, and where the other commands find it.
//!
//! One file, `swerve.toml`, for a server and for whoever calls it. What is typed or in the environment
//! wins over it; what it leaves out has a default. Paths in it are relative to it.

mod example;
mod read;
pub(crate) mod reader;
mod tokens;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use swerve_engine::{ClockKind, SearchBudget};
use swerve_model::{Depot, DriverId, Risk, Role, ShipmentId, TenantId, TerritoryId};

use crate::exit::{Exit, OrExit as _};
use crate::files;
use reader::Document;

pub(crate) use example::EXAMPLE;
pub(crate) use tokens::tokens;

/// The configuration that is used when none is named and this one is there.
pub(crate) const DEFAULT_PATH: &str = "swerve.toml";
/// The log of a node, inside its data directory.
pub(crate) const LOG_FILE: &str = "swerve.db";

/// A whole configuration, defaults filled in.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file it was read from; `None` for defaults alone.
    pub(crate) path: Option<PathBuf>,
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) allow_plaintext_off_loopback: bool,
    /// Real time between ticks of a territory on the real clock.
    pub(crate) tick: Duration,
    /// Threads that search before an answer; `None` for one a core.
    pub(crate) search_threads: Option<usize>,
    /// Threads that search while nobody waits.
    pub(crate) background_threads: usize,
    pub(crate) log: LogSettings,
    pub(crate) client: ClientSettings,
    pub(crate) tokens: Vec<TokenEntry>,
    pub(crate) territories: Vec<TerritoryEntry>,
}

/// How the server tells what it does, on stderr.
#[derive(Clone, Debug)]
pub(crate) struct LogSettings {
    pub(crate) json: bool,
    /// As `tracing` filters are written: `info`, `info,swerve_server=debug`.
    pub(crate) filter: String,
}

/// Where the commands that call a server find it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientSettings {
    pub(crate) address: Option<String>,
    pub(crate) token: Option<SecretSource>,
    pub(crate) territory: Option<TerritoryId>,
}

/// Where a token is kept.
#[derive(Clone)]
pub(crate) enum SecretSource {
    Plain(String),
    Env(String),
    File(PathBuf),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SecretSource::Plain(_) => f.write_str("Plain(..)"),
            SecretSource::Env(name) => write!(f, "Env({name})"),
            SecretSource::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TokenEntry {
    /// What the audit calls its bearer.
    pub(crate) name: String,
    pub(crate) source: SecretSource,
    pub(crate) tenant: TenantId,
    pub(crate) role: Role,
    pub(crate) driver: Option<DriverId>,
    pub(crate) shipment: Option<ShipmentId>,
}

#[derive(Clone, Debug)]
pub(crate) struct TerritoryEntry {
    pub(crate) id: TerritoryId,
    pub(crate) tenant: TenantId,
    /// ISO 4217.
    pub(crate) currency: String,
    /// IANA name.
    pub(crate) zone: String,
    /// A road file, or an extract to build one from at every start.
    pub(crate) roads: PathBuf,
    /// Rules for changes; `None` for the built-in ones.
    pub(crate) policy: Option<PathBuf>,
    pub(crate) clock: ClockKind,
    pub(crate) seed: u64,
    /// Skills by bit.
    pub(crate) skills: Vec<String>,
    pub(crate) depots: Vec<Depot>,
    pub(crate) budget: SearchBudget,
    pub(crate) risk: Risk,
}

impl Config {
    /// Reads the file named, or [`DEFAULT_PATH`] if there is one, or takes the defaults.
    ///
    /// # Errors
    /// The file cannot be read, or is wrong: every fault with its line.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Config> {
        let default = Path::new(DEFAULT_PATH);
        match named {
            Some(path) => Config::read(path),
            None if default.exists() => Config::read(default),
            None => Ok(Config::default()),
        }
    }

    fn read(path: &Path) -> anyhow::Result<Config> {
        let text = files::read_text(path)?;
        let config = Config::parse(path, &text);
        config.or_exit(Exit::Invalid, || "the configuration is wrong".to_owned())
    }

    /// # Errors
    /// Every fault of the text.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Config, reader::Faults> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = Document::new(path, text).read(|root| Some(read::config(root, folder)))?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// The file the log is kept in.
    pub(crate) fn log_path(&self) -> PathBuf {
        self.data_dir.join(LOG_FILE)
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            path: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 7071)),
            data_dir: PathBuf::from("data"),
            allow_plaintext_off_loopback: false,
            tick: Duration::from_secs(2),
            search_threads: None,
            background_threads: 1,
            log: LogSettings { json: false, filter: "info".to_owned() },
            client: ClientSettings::default(),
            tokens: Vec::new(),
            territories: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
