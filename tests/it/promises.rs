//! What callq promises, and the tests that try to break each promise. callq-guarantees(7) states them in full.

use std::fs;
use std::path::Path;

use crate::support::{Page, rust_files};

/// Each promise as the manual begins it, with its tests.
const PROMISES: [(&str, &[&str]); 8] = [
    (
        "Acknowledged means kept",
        &[
            "what_is_acknowledged_is_on_disk",
            "add_can_be_killed_at_any_step_and_repeated",
            "a_batch_is_whole_or_not_at_all",
            "prune_goes_in_whole_steps",
            "an_interrupted_prune_says_what_it_has_deleted_and_the_next_one_does_the_rest",
            "add_is_done_or_not",
            "many_processes_add_at_once_and_every_lead_is_there_once",
        ],
    ),
    (
        "One call per attempt; one open attempt per item and per phone number",
        &[
            "an_attempt_is_on_disk_before_its_call_begins",
            "process_can_be_killed_at_any_step",
            "while_an_orphan_lives_neither_its_item_nor_its_number_is_called",
            "sixteen_processes_drain_a_queue_within_the_limit_and_call_each_item_once",
            "one_number_has_one_open_call_also_across_clients",
            "the_number_of_an_unknown_call_stays_taken_until_a_person_settles_it",
            "a_call_that_was_handed_over_keeps_its_number_for_the_time_of_a_call",
            "the_items_own_retry_is_not_held_by_it",
            "a_database_that_is_removed_or_replaced_ends_it_and_nobody_is_called",
            "however_the_exchange_breaks_each_lead_has_one_call_and_all_get_their_results",
            "a_request_that_arrives_after_the_kill_makes_one_call_and_no_other_follows",
            "calls_of_a_dead_machine_are_held_and_nobody_is_called_twice",
        ],
    ),
    (
        "Unknown is not retried",
        &[
            "an_unknown_outcome_holds_the_item_and_is_not_retried",
            "an_orphan_without_a_result_is_unknown_and_held",
            "a_held_item_is_settled_by_what_really_happened",
            "a_call_that_the_list_holds_late_is_found_and_never_held",
            "silence_settles_nothing_until_the_call_would_be_overdue",
            "whoever_accepts_a_second_call_gets_it_after_the_retry_delay",
            "an_outcome_that_cannot_be_recorded_is_said_whatever_else_ends_the_run",
            "outcomes_that_a_full_disk_does_not_take_are_said_after_half_a_minute",
        ],
    ),
    (
        "Nothing is forgotten",
        &[
            "the_queue_does_what_its_model_does",
            "a_storm_loses_nothing_and_calls_nobody_twice",
            "every_client_is_recovered_whatever_the_run_is_about_and_while_paused",
            "a_retry_is_called_again_when_due_and_ends_with_its_last_reason",
            "a_spent_budget_ends_the_item_whatever_is_reported",
            "a_missing_program_burns_no_retry_of_any_lead",
            "nobody_is_called_again_until_a_person_has_settled_it",
            "a_lead_that_the_copy_does_not_know_is_held_again_under_its_client",
        ],
    ),
    (
        "Cancel and pause are ordered",
        &[
            "each_command_does_to_each_status_what_the_table_says",
            "a_cancelled_item_is_never_called",
            "in_progress_lets_the_call_end_and_no_retry_follows",
            "a_pause_holds_back_new_calls_and_resume_lifts_it",
            "no_program_starts_after_pause_has_ended",
            "in_a_storm_of_pauses_no_program_starts_after_one_has_ended",
            "a_claimed_call_that_is_cancelled_before_its_program_starts_never_starts",
            "after_pause_a_request_in_doubt_is_looked_up_and_not_sent_again",
            "after_cancel_a_request_in_doubt_is_not_sent_again_and_one_that_was_not_sent_never_is",
        ],
    ),
    (
        "An outcome other than unknown is recorded once",
        &[
            "an_outcome_is_recorded_once",
            "a_second_different_result_changes_nothing_and_is_kept_as_a_note",
            "a_call_that_goes_on_is_refused",
            "an_unknown_call_is_settled_while_the_next_one_has_not_begun",
        ],
    ),
    (
        "The hours hold",
        &[
            "what_may_not_be_called_at_this_hour_is_not_sent_again",
            "what_has_expired_meanwhile_is_not_sent_again",
            "a_claimed_call_is_asked_about_every_gate_again",
            "a_due_item_waits_while_its_window_is_closed_and_nothing_is_written",
            "no_more_calls_than_allowed_are_open_at_once_or_start_in_a_minute",
            "an_item_that_expires_while_it_waits_is_failed_and_not_called",
            "a_clock_set_forward_a_day_is_noticed_at_once_and_the_hours_hold",
        ],
    ),
    (
        "Shares are bounded",
        &[
            "the_limit_of_a_run_is_divided_by_shares",
            "an_idle_client_saves_nothing_up",
            "equal_shares_take_turns",
            "rounding_adds_no_call_to_the_bound",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_promise_stands_in_the_manual_and_in_the_readme() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let manual = words(&Page::open("man/callq-guarantees.7").text());
    for (promise, _) in PROMISES {
        assert!(manual.contains(&format!(".It .Sy \"{promise}.\"")), "callq-guarantees(7): {promise}");
    }
    let readme = Page::open("README.md").text();
    let promised = readme.split_once("\n## What is guaranteed\n").unwrap().1.split("\n## ").next().unwrap();
    let count = promised.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).count();
    assert_eq!(count, PROMISES.len());
}

#[test]
fn every_test_of_a_promise_exists() {
    let source: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for name in PROMISES.iter().flat_map(|(_, tests)| tests.iter()) {
        let exists =
            source.contains(&format!("#[test]\nfn {name}()")) || source.contains(&format!("#[test]\n    fn {name}()"));
        assert!(exists, "there is no test {name}");
    }
}
