//! How `callq list` looks: on terminals of every width, and what it tells of a list that was cut.

use crate::support::Bench;

#[test]
fn a_list_that_was_cut_says_so_and_a_whole_one_does_not() {
    let bench = Bench::new();
    let leads: String = (1..=1_234).map(|number| format!("lead-{number}\n")).collect();
    bench.run_with_input(["schedule-batch", "-c", "acme", "-f", "-"], leads).expect_code(0);
    bench.callq_line("add -c beta lead -p low").expect_code(0);
    let told = |line: &str| bench.callq_line(&format!("list {line}")).expect_code(0).stderr;
    assert_eq!(told(""), "showing 50 of 1,235\n");
    assert_eq!(told("--json -c acme"), "showing 50 of 1,234\n");
    assert_eq!(told("--sort id --reverse --after 900 --limit 2"), "showing 2 of 1,235\n");
    for whole in ["-q", "--limit 0", "-c beta", "-p low --limit 1", "--search lead-123", "--limit 1235"] {
        assert_eq!(told(whole), "", "{whole}");
    }
}
