//! Tells territories on the real clock what time it is.

use std::time::Duration;

use swerve_engine::{ClockKind, EngineError, Territory};
use swerve_server::Hosted;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock;
use crate::exit::{Exit, OrExit as _};

/// Ticks every territory on the real clock once, and then every `period` until what is returned is
/// dropped.
///
/// # Errors
/// The first tick of a territory fails; later ones are logged.
pub(super) async fn start(hosted: &[Hosted], period: Duration) -> anyhow::Result<JoinSet<()>> {
    let mut tickers = JoinSet::new();
    let real = hosted.iter().map(|hosted| &hosted.territory);
    for territory in real.filter(|territory| territory.settings().clock == ClockKind::Real) {
        let told = tick(territory).await;
        told.or_exit(Exit::Internal, || format!("territory {} takes no time", territory.id()))?;
        tickers.spawn(run(territory.clone(), period));
    }
    Ok(tickers)
}

async fn run(territory: Territory, period: Duration) {
    let mut interval = interval(period);
    // After a pause one tick says it all.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.tick().await;
    loop {
        interval.tick().await;
        match tick(&territory).await {
            // After a full queue the next one is as good.
            Ok(()) | Err(EngineError::Overloaded) => {}
            Err(EngineError::ShuttingDown) => return,
            Err(error) => tracing::error!(territory = %territory.id(), %error, "tick failed"),
        }
    }
}

/// A machine's clock that was set back stands still for a territory until it has caught up.
async fn tick(territory: &Territory) -> Result<(), EngineError> {
    let now = clock::now();
    if now > territory.snapshot().state.now { territory.tick(now).await.map(drop) } else { Ok(()) }
}
