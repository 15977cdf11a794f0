//! One suite for every log there is: what the engine relies on, asked of each through the trait
//! (`suite`, `model`). A new implementation is a `Subject` and a line in the macro below.
//!
//! And what only the embedded one can be asked: whether its files survive damage (`flips`), power
//! cuts (`power`), killed processes and full disks (`process`), and strange files in their place
//! (`files`).

mod files;
mod flips;
mod model;
mod power;
mod process;
mod simulated;
mod sqlite;
mod subject;
mod suite;

macro_rules! conformance {
    ($($case:ident,)*) => {
        mod sqlite_log {
            $(#[test] fn $case() { crate::suite::$case::<crate::sqlite::SqliteSubject>(); })*
        }
        mod simulated_log {
            $(#[test] fn $case() { crate::suite::$case::<crate::simulated::SimSubject>(); })*
        }
    };
}

conformance!(
    records_read_back_as_they_were_appended,
    reading_from_the_middle_gives_the_rest,
    an_append_on_another_head_is_refused_and_writes_nothing,
    territories_do_not_disturb_each_other,
    batches_under_way_are_placed_in_order_and_refused_one_by_one,
    batches_without_records_leave_no_trace,
    a_territory_has_one_writer,
    an_open_log_is_not_opened_twice,
    a_closed_log_refuses_and_opens_again_where_it_was,
    an_oversized_record_is_refused_and_writes_nothing,
    a_crash_keeps_what_was_acknowledged_and_batches_whole,
    a_changed_record_is_refused_at_its_sequence,
    a_changed_record_with_a_mended_checksum_is_refused_by_the_chain,
    a_missing_record_is_refused_as_a_gap,
    a_record_of_another_territory_is_refused,
    a_log_behind_its_anchor_is_refused,
    a_log_with_another_history_is_refused,
    a_log_of_a_future_version_is_refused_by_its_number,
    any_run_of_operations_matches_the_plain_model,
);
