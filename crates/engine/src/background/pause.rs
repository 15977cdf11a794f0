//! Background search stands aside while anything a caller waits for is worked on.
//!
//! Live work takes a [`Hold`] for as long as it lasts. A background search asks between iterations
//! and, while there is a hold, sleeps on its own pool's thread: it loses time and nothing else, so
//! what it finds does not depend on how often it was held up.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use swerve_optimizer::Brake;

/// Shared by everything that works on one territory.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    holds: AtomicU32,
    ended: AtomicBool,
    /// Held while a sleeper makes sure that it may sleep, so that no waking is missed.
    asleep: Mutex<u32>,
    lifted: Condvar,
}

/// Live work under way.
#[derive(Debug)]
pub(crate) struct Hold<'a>(&'a Pause);

impl Pause {
    pub(crate) fn hold(&self) -> Hold<'_> {
        self.holds.fetch_add(1, Ordering::SeqCst);
        Hold(self)
    }

    /// Every search ends with what it has, those held up too.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        drop(self.asleep.lock().unwrap_or_else(PoisonError::into_inner));
        self.lifted.notify_all();
    }

    fn holds_up(&self) -> bool {
        self.holds.load(Ordering::SeqCst) > 0 && !self.ended.load(Ordering::SeqCst)
    }

    fn sleep(&self) {
        let mut asleep = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        *asleep += 1;
        while self.holds_up() {
            asleep = self.lifted.wait(asleep).unwrap_or_else(PoisonError::into_inner);
        }
        *asleep -= 1;
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.0.holds.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.wake();
        }
    }
}

impl Brake for Pause {
    fn ends(&self) -> bool {
        if self.holds_up() {
            self.sleep();
        }
        self.ended.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::*;

    impl Pause {
        fn sleepers(&self) -> u32 {
            *self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Iterates as a search does, and counts.
    fn iterate(pause: &Pause, count: &AtomicU64, rounds: u64) -> u64 {
        for round in 0..rounds {
            if pause.ends() {
                return round;
            }
            count.fetch_add(1, Ordering::SeqCst);
        }
        rounds
    }

    fn wait_for(mut condition: impl FnMut() -> bool) {
        while !condition() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn no_iteration_is_done_while_anything_is_held_and_none_is_lost() {
        const ROUNDS: u64 = 5_000;
        let (pause, count) = (Arc::new(Pause::default()), Arc::new(AtomicU64::new(0)));
        let first = pause.hold();
        let (theirs, counted) = (Arc::clone(&pause), Arc::clone(&count));
        let search = std::thread::spawn(move || iterate(&theirs, &counted, ROUNDS));
        wait_for(|| pause.sleepers() == 1);
        assert_eq!(count.load(Ordering::SeqCst), 0);
        let second = pause.hold();
        drop(first);
        for _ in 0..1_000 {
            std::thread::yield_now();
        }
        assert_eq!(count.load(Ordering::SeqCst), 0, "one of two holds is left");
        drop(second);
        wait_for(|| count.load(Ordering::SeqCst) > 0);
        // Held again in mid-search: it goes to sleep after at most the iteration under way.
        let third = pause.hold();
        wait_for(|| pause.sleepers() == 1 || search.is_finished());
        let seen = count.load(Ordering::SeqCst);
        for _ in 0..1_000 {
            std::thread::yield_now();
        }
        assert_eq!(count.load(Ordering::SeqCst), seen);
        drop(third);
        assert_eq!(search.join().expect("it ends"), ROUNDS);
        assert_eq!(count.load(Ordering::SeqCst), ROUNDS);
    }

    #[test]
    fn an_end_wakes_what_is_held_up() {
        let (pause, count) = (Arc::new(Pause::default()), Arc::new(AtomicU64::new(0)));
        let _held = pause.hold();
        let (theirs, counted) = (Arc::clone(&pause), Arc::clone(&count));
        let search = std::thread::spawn(move || iterate(&theirs, &counted, 10));
        wait_for(|| pause.sleepers() == 1);
        pause.end();
        assert_eq!(search.join().expect("it ends"), 0);
    }
}
