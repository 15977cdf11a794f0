//! Keeps the anchor file behind the acknowledgements without slowing them down.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use swerve_model::TerritoryId;

use super::{Anchors, write};
use crate::chain::Head;
use crate::error::EventLogError;
use crate::poison::Poison;

/// A thread that writes the newest anchors, however many came in the meantime, and then rests for a
/// while: the file lags the acknowledgements by about that, and its sync stays out of their way.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

struct Shared {
    state: Mutex<State>,
    woken: Condvar,
}

struct State {
    anchors: Anchors,
    /// Something is newer than the file.
    dirty: bool,
    closing: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }
}

impl Keeper {
    /// Keeps the file at `path`, which holds `anchors`, resting for `rest` after each write. A write
    /// that fails poisons the log: what is not anchored is not protected as promised.
    pub(crate) fn start(
        path: &Path,
        anchors: Anchors,
        rest: Duration,
        poison: Arc<Poison>,
    ) -> Result<Keeper, EventLogError> {
        let state = State { anchors, dirty: false, closing: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), woken: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        let io = |source| EventLogError::Io { path: path.to_owned(), source };
        let file: PathBuf = path.to_owned();
        let thread = thread::Builder::new()
            .name("log-anchor".to_owned())
            .spawn(move || keep(&of_thread, &file, rest, &poison))
            .map_err(io)?;
        Ok(Keeper { shared, thread })
    }

    /// Hands over a head that was acknowledged. Waits for nobody.
    pub(crate) fn advance(&self, territory: &TerritoryId, head: Head) {
        let mut state = self.shared.lock();
        state.anchors.insert(territory.clone(), head);
        state.dirty = true;
        drop(state);
        self.shared.woken.notify_one();
    }

    /// Writes what is newer than the file, and ends.
    pub(crate) fn finish(self) {
        self.shared.lock().closing = true;
        self.shared.woken.notify_one();
        // A keeper that panicked has nothing more to say.
        let _ = self.thread.join();
    }
}

fn keep(shared: &Shared, path: &Path, rest: Duration, poison: &Poison) {
    let mut state = shared.lock();
    loop {
        let idle = |state: &mut State| !state.dirty && !state.closing;
        state = shared.woken.wait_while(state, idle).expect("nobody panics while holding it");
        if state.dirty {
            state.dirty = false;
            let anchors = state.anchors.clone();
            drop(state);
            if let Err(error) = write(path, &anchors) {
                poison.set(&error);
                return;
            }
            state = shared.lock();
        }
        if state.closing && !state.dirty {
            return;
        }
        let open = |state: &mut State| !state.closing;
        let woken = shared.woken.wait_timeout_while(state, rest, open);
        state = woken.expect("nobody panics while holding it").0;
    }
}
