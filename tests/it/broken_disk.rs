//! The disk fills up, becomes read-only or rots under callq: each ends in one message and its exit code, nothing is
//! dialled that could not be recorded, and all goes on when the disk is well again.
//!
//! Needs `unshare`, and the right to mount: the disk is one of this test's own. Without it the tests print that they are
//! skipped.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::thread;

use rustix::process::Signal;
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox, eventually, noting, skipped};

/// What every script begins with: a disk of 40 MiB, and callq on it; `try` shows how a command ended.
const BEGIN: &str = r#"
mkdir disk && mount -t tmpfs -o size=40m,mode=0700 none disk || exit 99
callq() { "$CALLQ" --db disk/queue.db "$@"; }
try() { echo "> $*"; callq "$@" 2>&1; echo "= $?"; }
fill() { dd if=/dev/zero of=disk/ballast bs=64k 2>/dev/null; :; }
"#;

/// Runs a script with a disk of its own; none where that cannot be had.
fn on_a_disk(script: &str) -> Option<(Sandbox, Run)> {
    let mut sandbox = Sandbox::dialling();
    sandbox.script("dispatch", &noting(""));
    sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]"));
    sandbox.set("CALLQ", env!("CARGO_BIN_EXE_callq"));
    let run =
        sandbox.run_program("unshare", ["-m", "timeout", "-k1", "120", "sh", "-c", &format!("{BEGIN}{script}")], "");
    if run.code == 99 || run.stderr.starts_with("unshare:") {
        skipped("no file system can be mounted here");
        return None;
    }
    Some((sandbox, run))
}

#[test]
fn on_a_full_disk_nobody_is_called_and_nothing_changes() {
    let script = r#"
callq add -c acme ann >/dev/null
callq schedule-batch -c acme bob >/dev/null
fill
for command in 'add -c acme cid' 'cancel 1' list process; do try $command; done
truncate -s -8M disk/ballast
try -q process
callq doctor 2>/dev/null | grep '^error'
ls calls.log 2>&1
rm disk/ballast
callq process | sed 's/after .* ms/after a while/'
"#;
    let Some((sandbox, run)) = on_a_disk(script) else { return };
    assert_data_eq!(
        run.expect_code(0).text(),
        str![[r#"
> add -c acme cid
error: the disk of the database is full: free some space on it
= 1
> cancel 1
error: the disk of the database is full: free some space on it
= 1
> list
error: the disk of the database is full: free some space on it
= 1
> process
error: the disk of the database is full: free some space on it
= 1
> -q process
error: less than 16 MiB are free beside the database: no call is started
= 1
error   disk: 7 MiB are free beside the database: below 16 MiB no call is started; free some space on its disk
ls: cannot access 'calls.log': No such file or directory
acme: 2 called, 2 reached
nothing more to call after a while; next call: none
--- exit 0

"#]]
    );
    assert_eq!(fs::read_to_string(sandbox.path("calls.log")).unwrap().lines().count(), 4);
}

#[test]
fn a_disk_that_fills_up_during_a_run_stops_it_and_loses_no_outcome() {
    // The first call fills the disk, so that its outcome cannot be recorded until the second one, begun before, makes
    // room.
    let script = r#"
cat > dispatch <<'EOF'
#!/bin/sh
if [ "$CALLQ_ITEM_ID" = 1 ]; then
    dd if=/dev/zero of=disk/ballast bs=64k 2>/dev/null
    : > full
elif [ "$CALLQ_ITEM_ID" = 2 ]; then
    until [ -e full ]; do sleep 0.02; done
    sleep 1
    rm disk/ballast
fi
EOF
sed -i 's/max_concurrent = 1/max_concurrent = 2/' "$CALLQ_CONFIG"
callq schedule-batch -c acme ann bob cid >/dev/null
try -q process
callq list --sort id --format csv --columns id,status,attempts
callq -q process
callq list --sort id --format csv --columns id,status,attempts
callq doctor | grep -c error
"#;
    let Some((_, run)) = on_a_disk(script) else { return };
    assert_data_eq!(
        run.text(),
        str![[r#"
> -q process
error: less than 16 MiB are free beside the database: no call is started
= 1
id,status,attempts
1,completed,1
2,completed,1
3,pending,0
id,status,attempts
1,completed,1
2,completed,1
3,completed,1
0
--- exit 1

"#]]
    );
}

#[test]
fn an_outcome_that_cannot_be_recorded_is_said_whatever_else_ends_the_run() {
    // The first call leaves less than 16 MiB, which ends the run. Then the second one takes the database away.
    let script = r#"
cat > dispatch <<'EOF'
#!/bin/sh
list() { "$CALLQ" --db disk/queue.db list --format csv --columns id,status; }
if [ "$CALLQ_ITEM_ID" = 1 ]; then
    dd if=/dev/zero of=disk/ballast bs=1M count=28 2>/dev/null
elif [ "$CALLQ_ITEM_ID" = 2 ]; then
    until list | grep -q 1,completed; do sleep 0.05; done
    mv disk/queue.db disk/elsewhere.db
    exit 10
fi
EOF
sed -i 's/max_concurrent = 1/max_concurrent = 2/' "$CALLQ_CONFIG"
callq schedule-batch -c acme ann bob cid >/dev/null
callq process --json >report 2>errors
echo "= $?"
sed -E 's/"[0-9a-f-]{36}"/"ID"/; s/"[0-9T:.-]+Z"/"NOW"/' errors
grep -oE '"(processed|successful|retried|not_recorded)": ?[0-9]+' report
mv disk/elsewhere.db disk/queue.db
rm disk/ballast
callq -q process
callq list --sort id --format csv --columns id,status,attempts
"#;
    let Some((_, run)) = on_a_disk(script) else { return };
    assert_data_eq!(
        run.expect_code(0).text(),
        str![[r#"
= 1
{"attempt_id":"ID","id":2,"outcome":"retry","reason":"no_answer","call_id":null,"finished_at":"NOW","accepted":false}
{"error":{"kind":"failed","message":"less than 16 MiB are free beside the database: no call is started; 1 outcome could not be recorded","hint":"the next run adopts what it finds beside the leases; bring the others by `callq report`"}}
"processed": 1
"successful": 1
"retried": 0
"processed": 1
"successful": 1
"retried": 0
"not_recorded": 1
id,status,attempts
1,completed,1
2,retry_scheduled,1
3,completed,1
--- exit 0

"#]]
    );
}

#[test]
fn outcomes_that_a_full_disk_does_not_take_are_said_after_half_a_minute() {
    let script = r#"
cat > dispatch <<'EOF'
#!/bin/sh
echo '{"outcome": "completed", "reason": "answered"}' >"$CALLQ_RESULT_FILE.new"
mv "$CALLQ_RESULT_FILE.new" "$CALLQ_RESULT_FILE"
dd if=/dev/zero of=disk/ballast bs=64k 2>/dev/null
:
EOF
callq schedule-batch -c acme ann bob >/dev/null
callq process >report 2>errors
echo "= $?"
sed 's/ after .*//' report
sed -E 's/"[0-9a-f-]{36}"/"ID"/; s/"[0-9T:.-]+Z"/"NOW"/' errors
rm disk/ballast
sed -i '/ballast/d' dispatch
callq -q process
callq list --sort id --format csv --columns id,status,attempts
"#;
    let on_a_disk = thread::scope(|scope| {
        // It waits as long, and so does it at the same time.
        scope.spawn(a_lock_that_is_held_too_long_is_busy_and_watch_outlasts_it);
        on_a_disk(script)
    });
    let Some((_, run)) = on_a_disk else { return };
    assert_data_eq!(
        run.expect_code(0).text(),
        str![[r#"
= 1
acme: nothing called
1 outcome could not be recorded: standard error has it as JSON
nothing more to call
{"attempt_id":"ID","id":1,"outcome":"completed","reason":"answered","call_id":null,"finished_at":"NOW","accepted":false}
error: less than 16 MiB are free beside the database: no call is started; 1 outcome could not be recorded
hint: the next run adopts what it finds beside the leases; bring the others by `callq report`
id,status,attempts
1,completed,1
2,completed,1
--- exit 0

"#]]
    );
}

#[test]
fn a_read_only_disk_is_named_and_nobody_is_called() {
    let script = r#"
callq add -c acme ann >/dev/null
mount -o remount,ro disk
for command in list 'show 1' stats 'add -c acme bob' 'cancel 1' process 'watch --interval 1s'; do
    try $command
done
ls calls.log 2>&1
mount -o remount,rw disk
callq process | sed 's/after .* ms/after a while/'
"#;
    let Some((_, run)) = on_a_disk(script) else { return };
    assert_data_eq!(
        run.expect_code(0).text(),
        str![[r#"
> list
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> show 1
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> stats
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> add -c acme bob
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> cancel 1
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> process
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
> watch --interval 1s
error: cannot open disk/queue.db: SQLite needs to read and write it, and to make files beside it
= 1
ls: cannot access 'calls.log': No such file or directory
acme: 1 called, 1 reached
nothing more to call after a while; next call: none
--- exit 0

"#]]
    );
}

#[test]
fn watch_goes_on_when_there_is_room_again() {
    let script = r#"
callq add -c acme ann >/dev/null
callq watch --interval 1s >watch.out 2>watch.err &
until grep -q '^end' calls.log 2>/dev/null; do sleep 0.05; done
fill
truncate -s -8M disk/ballast
callq add -c acme bob >/dev/null
until [ -s watch.err ]; do sleep 0.05; done
grep -c '^begin' calls.log
rm disk/ballast
until [ "$(callq list --status completed --format csv | wc -l)" = 3 ]; do sleep 0.05; done
kill -TERM $!
wait $! 2>/dev/null
echo "= $?"
cat watch.err
"#;
    let Some((_, run)) = on_a_disk(script) else { return };
    assert_data_eq!(
        run.expect_code(0).text(),
        str![[r#"
1
= 143
error: less than 16 MiB are free beside the database: no call is started
--- exit 0

"#]]
    );
}

#[test]
fn a_database_that_may_not_be_read_is_named_and_left_as_it_is() {
    let mut sandbox = Sandbox::due();
    sandbox.unset("CALLQ_CONFIG");
    sandbox.set("CALLQ", env!("CARGO_BIN_EXE_callq"));
    // The root of the machine may read everything, and so becomes nobody.
    let script = r#"
other() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
chmod 755 . && chmod 0 queue.db
other "$CALLQ" --version >/dev/null || exit 99
for command in list 'show 1' stats 'add -c acme d' 'cancel 1' process watch; do
    echo "> $command"; other "$CALLQ" --db queue.db $command 2>&1; echo "= $?"
done
"#;
    let before = fs::read(sandbox.database()).unwrap();
    let run = sandbox.run_program("sh", ["-c", script], "");
    if run.code == 99 {
        skipped("nobody else may run callq here");
        return;
    }
    for answer in run.expect_code(0).stdout.split("> ").skip(1) {
        let told = answer.contains("\nerror: cannot open queue.db: ") && answer.ends_with("\n= 1\n");
        assert!(told && answer.lines().count() == 3, "{answer}");
    }
    fs::set_permissions(sandbox.database(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fs::read(sandbox.database()).unwrap(), before);
    assert!(!sandbox.path("calls.log").exists());
}

/// Fills every page of the database but the first with a pattern that is none.
fn rot(sandbox: &Sandbox) {
    let file = OpenOptions::new().write(true).open(sandbox.database()).unwrap();
    let length = file.metadata().unwrap().len();
    (1..length / 4096).for_each(|page| file.write_all_at(&[0xa5; 4096], page * 4096).unwrap());
}

#[test]
fn a_corrupt_database_is_one_message_and_nobody_is_called() {
    let template = Sandbox::due();
    rot(&template);
    for command in [
        "list",
        "list --limit 0 --json",
        "show 1",
        "stats",
        "why 1",
        "add -c acme d",
        "schedule-batch -c acme d e",
        "update 1 -p high",
        "cancel 1",
        "retry 1",
        "report 1 --outcome completed",
        "pause",
        "resume",
        "process",
        "watch",
        "prune --older-than 1d",
    ] {
        let sandbox = template.copy();
        let run = sandbox.run(command);
        assert_eq!(run.code, 1, "{command}: {run}");
        assert_eq!(run.stderr.matches("error").count(), 1, "{command}: {run}");
        assert!(!sandbox.path("calls.log").exists(), "{command}: {run}");
    }
    let doctor = template.run("doctor").expect_code(1);
    assert!(doctor.stdout.contains("error"), "{doctor}");
}

/// Run by [`outcomes_that_a_full_disk_does_not_take_are_said_after_half_a_minute`].
fn a_lock_that_is_held_too_long_is_busy_and_watch_outlasts_it() {
    let sandbox = Sandbox::due();
    let other = rusqlite::Connection::open(sandbox.database()).unwrap();
    let watch = sandbox.spawn("watch --interval 1s");
    eventually("the first calls are over", || sandbox.items().values().all(|item| item["status"] == "completed"));
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let add = sandbox.run("add -c acme d").expect_code(6);
    assert_data_eq!(
        add.text(),
        str![[r#"
--- standard error
error: the database is busy: another program held it for longer than 30 s
hint: try again
--- exit 6

"#]]
    );
    other.execute_batch("COMMIT").unwrap();
    sandbox.run("add -c acme d").expect_code(0);
    eventually("the last call is over", || sandbox.items().values().all(|item| item["status"] == "completed"));
    assert_eq!(sandbox.items().len(), 4);
    watch.signal_taken(Signal::TERM);
    watch.finish().expect_code(143);
}
