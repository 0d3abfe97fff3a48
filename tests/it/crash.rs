//! What is left when a run is killed, and what the next run makes of it: real processes, real signals.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;

use crate::support::{Running, Sandbox, eventually};

/// A sandbox whose dispatcher notes each begin, and goes on until the test lets it end; then it does `at_the_end`.
struct Orphanage {
    sandbox: Sandbox,
    go_on: PathBuf,
}

impl Orphanage {
    fn new(at_the_end: &str) -> Orphanage {
        let mut sandbox = Sandbox::dialling();
        let (log, go_on) = (sandbox.path("calls.log"), sandbox.path("go-on"));
        sandbox.run_program("mkfifo", [&go_on], "").expect_code(0);
        let body = format!("echo $CALLQ_ITEM_ID >> {log:?}\ncat {go_on:?} > /dev/null\n{at_the_end}");
        let script = sandbox.script("dispatch", &body);
        sandbox.configure(&Sandbox::always_open(&format!("kind = \"command\"\ncommand = [{script:?}]")));
        sandbox.run("add -c acme lead --phone +12125550117").expect_code(0);
        Orphanage { sandbox, go_on }
    }

    /// Starts a run and kills it as soon as its dispatcher has begun.
    fn kill_a_run(&self) {
        let run: Running = self.sandbox.spawn("process");
        eventually("the call has begun", || self.sandbox.path("calls.log").exists());
        run.signal(Signal::KILL);
        assert_eq!(run.finish().code, 137);
    }

    /// Lets the orphan go on, and waits until it is gone: a run sees that by its lease.
    fn let_it_end(&self) {
        fs::write(&self.go_on, "").unwrap();
        eventually("the orphan is gone", || {
            let lease = fs::read_dir(self.sandbox.path("queue.db.leases")).unwrap().flatten();
            let files = lease.filter(|entry| !entry.file_name().to_string_lossy().contains("result"));
            files.into_iter().all(|entry| fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()))
        });
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.sandbox.path("calls.log")).unwrap().lines().count()
    }
}

#[test]
fn while_an_orphan_lives_neither_its_item_nor_its_number_is_called() {
    let orphanage = Orphanage::new("exit 0");
    orphanage.kill_a_run();
    let sandbox = &orphanage.sandbox;
    sandbox.run("add -c globex other --phone +12125550117").expect_code(0);
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&report["processed"], &report["recovered"]), (&0.into(), &0.into()));
    assert_eq!((orphanage.calls(), sandbox.status(1)), (1, "in_progress".to_owned()));
    sandbox.run("cancel 1").expect_code(4);
    sandbox.run("report 1 --outcome completed").expect_code(4);
    orphanage.let_it_end();
}

#[test]
fn an_orphan_without_a_result_is_unknown_and_held() {
    let orphanage = Orphanage::new("exit 0");
    orphanage.kill_a_run();
    orphanage.let_it_end();
    let sandbox = &orphanage.sandbox;
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&report["recovered"], &report["held_items"]), (&1.into(), &1.into()));
    assert_eq!(report["errors"][0]["reason"], "interrupted");
    assert_eq!((sandbox.status(1).as_str(), orphanage.calls()), ("failed, held", 1));
    // Its person may still be on the line.
    sandbox.run("add -c globex other --phone +12125550117").expect_code(0);
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0);
    assert_eq!(fs::read_dir(sandbox.path("queue.db.leases")).unwrap().count(), 0);
}

#[test]
fn the_result_file_of_an_orphan_is_adopted() {
    let orphanage = Orphanage::new(
        r#"echo '{"outcome": "completed", "call_id": "c-1"}' > "$CALLQ_RESULT_FILE.tmp"
mv "$CALLQ_RESULT_FILE.tmp" "$CALLQ_RESULT_FILE""#,
    );
    orphanage.kill_a_run();
    orphanage.let_it_end();
    let sandbox = &orphanage.sandbox;
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["recovered"], 1);
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["history"][0]["call_id"]), (&"completed".into(), &"c-1".into()));
    assert_eq!(orphanage.calls(), 1);
}

#[test]
fn a_report_settles_what_a_killed_run_left_behind() {
    let orphanage = Orphanage::new("exit 0");
    orphanage.kill_a_run();
    orphanage.let_it_end();
    let sandbox = &orphanage.sandbox;
    sandbox.run("report 1 --outcome completed --reason heard").expect_code(0);
    assert_eq!((sandbox.status(1).as_str(), orphanage.calls()), ("completed", 1));
}
