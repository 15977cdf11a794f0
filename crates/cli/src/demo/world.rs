//! A real server for one run: its own log, its own territory, its own port on loopback.
//!
//! It is built as `swerve serve` builds one, but for its clock, which an operator moves. Once it
//! serves, the simulator knows no more of it than its address and the tokens.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use swerve_auth::{Secret, TokenSetting, Tokens};
use swerve_client::Client;
use swerve_engine::{Background, ClockKind, Host, SearchBudget, Settings, Territory};
use swerve_eventlog::{EventLog as _, SqliteLog};
use swerve_model::{Depot, DepotId, DriverId, Risk, Role, TenantId, TerritoryId};
use swerve_policy::Policy;
use swerve_scenario::Day;
use swerve_server::{Hosted, ServeError, ServerSettings, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::scene::Scene;
use crate::clock;
use crate::exit::{Exit, OrExit as _};

/// The one territory, and the tenant it belongs to.
pub(crate) const TERRITORY: &str = "demo";
const TENANT: &str = "demo";
/// The log of a run, in its folder.
const LOG_NAME: &str = "events.sqlite";

/// The token of a role, in a demonstration on loopback no secret.
pub(crate) fn token(who: &str) -> String {
    format!("swerve-demo-token-{who}")
}

/// How hard the engine searches once the day is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Searching {
    AsConfigured,
    /// A change goes where it fits best, and nothing else is ever improved.
    InsertionAlone,
}

/// What a territory is told of a day.
///
/// # Errors
/// An id of the day that is none.
pub(crate) fn settings(day: &Day, searching: Searching) -> anyhow::Result<Settings> {
    let depot = Depot { id: DepotId::new(&day.depot.id)?, location: day.depot.location.lat_lng() };
    let budget = match searching {
        Searching::AsConfigured => SearchBudget::default(),
        Searching::InsertionAlone => SearchBudget {
            before_answer: 0,
            after_answer: 0,
            repair: 0,
            background: Background { per_stop: 0, ..Background::default() },
            ..SearchBudget::default()
        },
    };
    Ok(Settings {
        territory: TerritoryId::new(TERRITORY)?,
        tenant: TenantId::new(TENANT)?,
        currency: day.currency.clone(),
        zone: day.zone.clone(),
        depots: vec![depot],
        clock: ClockKind::Simulated,
        policy: Policy::default(),
        risk: Risk::default(),
        budget,
        seed: day.seed,
    })
}

/// A running server.
pub(crate) struct World {
    address: SocketAddr,
    log: Arc<SqliteLog>,
    territory: Territory,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl World {
    /// Starts a server over a new log in `folder`.
    ///
    /// # Errors
    /// The folder holds a log already, or the port is taken.
    pub(crate) async fn start(
        scene: &Scene,
        searching: Searching,
        folder: &Path,
        port: u16,
    ) -> anyhow::Result<World> {
        let log_path = new_log(folder)?;
        let log = SqliteLog::open(&log_path)
            .or_exit(Exit::Invalid, || format!("opening {}", log_path.display()))?;
        let log = Arc::new(log);
        let shared: Arc<dyn swerve_eventlog::EventLog> = Arc::<SqliteLog>::clone(&log);
        let settings = settings(&scene.day, searching)?;
        let territory = Territory::open(settings, scene.roads.clone(), shared, host()?)
            .context("opening the territory")?;
        let hosted = Hosted {
            territory: territory.clone(),
            skills: scene.day.skills.clone(),
            road_fingerprint: scene.fingerprint,
        };
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(wanted).await;
        let listener = listener.or_exit(Exit::Invalid, || format!("listening on {wanted}"))?;
        let address = listener.local_addr().context("the listener's address")?;
        let (stop, stopped) = oneshot::channel();
        let settings = ServerSettings::new(tokens(&scene.day)?);
        let serving = tokio::spawn(serve(listener, settings, vec![hosted], async {
            // A dropped sender is a signal as well.
            let _ = stopped.await;
        }));
        Ok(World { address, log, territory, stop, serving })
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For reading back what was written, while the server may go on writing.
    pub(crate) fn log(&self) -> Arc<SqliteLog> {
        Arc::clone(&self.log)
    }

    /// Drains and closes the log.
    ///
    /// # Errors
    /// The server or its log did not end as they should.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.serving.await.context("joining the server")?.context("serving")?;
        self.territory.shutdown().await;
        drop(self.territory);
        let log = self.log;
        let closed = tokio::task::spawn_blocking(move || log.close()).await;
        closed.context("joining the log")?.context("closing the log")
    }
}

/// Where a run's log is to be; the folder is made, and must hold none yet.
pub(crate) fn new_log(folder: &Path) -> anyhow::Result<PathBuf> {
    let cannot = || format!("cannot make folder {}", folder.display());
    std::fs::create_dir_all(folder).or_exit(Exit::Invalid, cannot)?;
    let path = folder.join(LOG_NAME);
    let taken = path.try_exists().unwrap_or(true);
    let free = if taken { Err(std::io::Error::from(ErrorKind::AlreadyExists)) } else { Ok(()) };
    free.or_exit(Exit::Invalid, || format!("{} holds a log; name another folder", path.display()))?;
    Ok(path)
}

fn host() -> anyhow::Result<Host> {
    let threads = |name: &'static str| {
        let pool = rayon::ThreadPoolBuilder::new().thread_name(move |n| format!("{name}-{n}"));
        pool.build().map(Arc::new).context("starting the search threads")
    };
    Ok(Host {
        elapsed: clock::stopwatch(),
        live: threads("live")?,
        background: threads("background")?,
        fatal: Arc::new(|error| {
            tracing::error!(%error, "the log has failed");
            std::process::exit(Exit::Internal as i32);
        }),
    })
}

fn tokens(day: &Day) -> anyhow::Result<Tokens> {
    let tenant = TenantId::new(TENANT)?;
    let of = |who: &str, role, driver| TokenSetting {
        name: who.to_owned(),
        token: Secret::new(token(who)),
        tenant: tenant.clone(),
        role,
        driver,
        shipment: None,
    };
    let roles = [Role::Tms, Role::Dispatcher, Role::Operator];
    let mut settings: Vec<TokenSetting> =
        roles.into_iter().map(|role| of(role.name(), role, None)).collect();
    for driver in &day.drivers {
        settings.push(of(&driver.id, Role::Driver, Some(DriverId::new(&driver.id)?)));
    }
    Ok(Tokens::new(settings)?)
}

/// Everyone who calls the server, over one connection.
pub(crate) struct Callers {
    pub(crate) tms: Client,
    pub(crate) dispatcher: Client,
    pub(crate) operator: Client,
    /// By manifest.
    pub(crate) drivers: Vec<Client>,
}

impl Callers {
    /// # Errors
    /// Nobody answers at the address.
    pub(crate) async fn connect(address: &str, day: &Day) -> anyhow::Result<Callers> {
        let tms = Client::connect(address, &token(Role::Tms.name())).await?;
        let drivers = day.manifests.iter().map(|manifest| tms.with_token(&token(&manifest.driver)));
        Ok(Callers {
            dispatcher: tms.with_token(&token(Role::Dispatcher.name()))?,
            operator: tms.with_token(&token(Role::Operator.name()))?,
            drivers: drivers.collect::<Result<_, _>>()?,
            tms,
        })
    }
}
