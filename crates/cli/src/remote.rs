//! The server that a command calls: where it is, who is calling, and what its refusals mean for the
//! exit code.

mod rejected;

use std::env;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use swerve_client::{Client, ClientError, Code, names, v1};
use swerve_model::TerritoryId;

use crate::args;
use crate::config::{Config, SecretSource};
use crate::exit::{Exit, Failure, OrExit as _};

pub(crate) use rejected::failure;

/// Unless asked for otherwise a call has this long.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Nobody waits longer for one call.
const TIMEOUT_MAX: f64 = 86_400.0;

/// Options of every command that calls a server.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Remote {
    #[arg(
        long,
        env = "SWERVE_ADDRESS",
        value_name = "URL",
        help = "Address of the server [config: client.address, else listen] [default: http://127.0.0.1:7071]"
    )]
    address: Option<String>,
    // Not clap's `env`: a token that is typed must win over one that is set, not conflict with it.
    #[arg(
        long,
        value_name = "TOKEN",
        group = "token source",
        help = "Bearer token; seen by everyone who lists processes, so better one of the next two \
                [env: SWERVE_TOKEN] [config: client.token, client.token_env, client.token_file]"
    )]
    token: Option<String>,
    /// Environment variable that holds the token
    #[arg(long, value_name = "VARIABLE", group = "token source")]
    token_env: Option<String>,
    /// File that holds the token
    #[arg(long, value_name = "FILE", group = "token source")]
    token_file: Option<PathBuf>,
    /// Give up after so many seconds [default: 30]
    #[arg(long, env = "SWERVE_TIMEOUT", value_parser = seconds, value_name = "SECONDS")]
    timeout: Option<Duration>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let rule = || format!("a number of seconds above 0, at most {TIMEOUT_MAX}, is required");
    let number: f64 = text.parse().map_err(|_| rule())?;
    let fits = number > 0.0 && number <= TIMEOUT_MAX;
    if fits { Ok(Duration::from_secs_f64(number)) } else { Err(rule()) }
}

/// Which territory a command is about.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TerritoryArg {
    /// Which territory [config: client.territory] [default: the only one there is]
    #[arg(
        long,
        env = "SWERVE_TERRITORY",
        value_parser = args::territory,
        value_name = "TERRITORY",
        help_heading = "Server"
    )]
    territory: Option<TerritoryId>,
}

/// A territory as a command needs it.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// `territories/{territory}`.
    pub(crate) name: String,
    pub(crate) zone: TimeZone,
}

impl Remote {
    /// `http://host:port`.
    pub(crate) fn address(&self, config: &Config) -> String {
        let configured = self.address.clone().or_else(|| config.client.address.clone());
        let address = configured.unwrap_or_else(|| {
            let mut listen = config.listen;
            // What listens everywhere is reached here, too.
            if listen.ip().is_unspecified() {
                listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            listen.to_string()
        });
        if address.contains("://") { address } else { format!("http://{address}") }
    }

    /// The caller's token, if one is given anywhere.
    ///
    /// # Errors
    /// It is said to be somewhere and is not there.
    pub(crate) fn token(&self, config: &Config) -> anyhow::Result<Option<String>> {
        let typed = (self.token.clone().map(SecretSource::Plain))
            .or_else(|| self.token_env.clone().map(SecretSource::Env))
            .or_else(|| self.token_file.clone().map(SecretSource::File));
        let set = || env::var_os("SWERVE_TOKEN").map(|_| SecretSource::Env("SWERVE_TOKEN".into()));
        let Some(source) = typed.or_else(set).or_else(|| config.client.token.clone()) else {
            return Ok(None);
        };
        let token = source.fetch().or_exit(Exit::Invalid, || "there is no token".to_owned())?;
        Ok(Some(token))
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Connects as the bearer of the token.
    ///
    /// # Errors
    /// No token, nobody there, or no address.
    pub(crate) async fn connect(&self, config: &Config) -> anyhow::Result<Client> {
        let Some(token) = self.token(config)? else {
            let what = "no token: set SWERVE_TOKEN, give --token-env or --token-file, or add \
                        client.token_env to the configuration";
            return Err(Failure::new(Exit::Usage, what).into());
        };
        let address = self.address(config);
        let client = Client::connect(&address, &token).await;
        let client = client.map_err(|error| failure(error, &format!("cannot call {address}")))?;
        Ok(client.with_deadline(self.timeout.unwrap_or(TIMEOUT)))
    }
}

impl TerritoryArg {
    /// The territory asked for, or the only one there is.
    ///
    /// # Errors
    /// It is not there, or several are and none was named.
    pub(crate) async fn find(&self, client: &Client, config: &Config) -> anyhow::Result<Ground> {
        match self.territory.as_ref().or(config.client.territory.as_ref()) {
            Some(id) => named(client, id).await,
            None => only(client).await,
        }
    }
}

async fn named(client: &Client, id: &TerritoryId) -> anyhow::Result<Ground> {
    let name = names::territory(id);
    let found = client.get_territory(v1::GetTerritoryRequest { name: name.clone() }).await;
    match found {
        Ok(response) => Ok(ground(response.territory.unwrap_or_default())),
        // Drivers may not ask, and need not: their calls say what is not there.
        Err(ClientError::Rejected(rejection)) if rejection.code == Code::PermissionDenied => {
            Ok(Ground { name, zone: TimeZone::UTC })
        }
        Err(error) => Err(failure(error, &format!("cannot use territory {id}"))),
    }
}

async fn only(client: &Client) -> anyhow::Result<Ground> {
    let listed = client.list_territories(v1::ListTerritoriesRequest::default()).await;
    let listed = listed.map_err(|error| failure(error, "cannot list territories"))?;
    let mut territories = listed.territories;
    match territories.len() {
        1 => Ok(ground(territories.remove(0))),
        0 => Err(Failure::new(Exit::Invalid, "the server has no territory for this token").into()),
        _ => {
            let known: Vec<&str> = territories.iter().map(|one| names::id(&one.name)).collect();
            let what = format!(
                "several territories are served: name one with --territory ({})",
                known.join(", ")
            );
            Err(Failure::new(Exit::Usage, what).into())
        }
    }
}

fn ground(territory: v1::Territory) -> Ground {
    // A zone this build has never heard of is a newer server's.
    let zone = TimeZone::get(&territory.time_zone).unwrap_or(TimeZone::UTC);
    Ground { name: territory.name, zone }
}

/// Runs a command's calls to their end, or until it is interrupted.
///
/// # Errors
/// What `work` says, or that it was interrupted.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.or_exit(Exit::Internal, || "cannot start the runtime".to_owned())?;
    runtime.block_on(async {
        tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => {
                Err(Failure::new(Exit::Interrupted, "interrupted").into())
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        remote: Remote,
    }

    fn remote(line: &[&str]) -> Remote {
        Line::parse_from(["x"].iter().chain(line)).remote
    }

    #[test]
    fn an_address_is_typed_or_configured_or_where_the_server_listens() {
        let mut config = Config::default();
        assert_eq!(remote(&[]).address(&config), "http://127.0.0.1:7071");
        config.listen = "0.0.0.0:99".parse().expect("an address");
        assert_eq!(remote(&[]).address(&config), "http://127.0.0.1:99");
        config.client.address = Some("http://there:1".to_owned());
        assert_eq!(remote(&[]).address(&config), "http://there:1");
        assert_eq!(remote(&["--address", "here:2"]).address(&config), "http://here:2");
    }

    #[test]
    fn a_token_typed_wins_over_one_configured() {
        let mut config = Config::default();
        config.client.token = Some(SecretSource::Plain("configured".to_owned()));
        let token = |line: &[&str]| remote(line).token(&config).expect("it is there");
        assert_eq!(token(&["--token", "typed"]).as_deref(), Some("typed"));
        let missing = remote(&["--token-env", "SWERVE_NO_SUCH_VARIABLE"]).token(&config);
        let told = format!("{:#}", missing.expect_err("it is not set"));
        assert!(told.contains("SWERVE_NO_SUCH_VARIABLE"), "{told}");
    }

    #[test]
    fn seconds_are_above_nothing_and_below_a_day() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["0", "-1", "NaN", "inf", "1e9", "x"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
