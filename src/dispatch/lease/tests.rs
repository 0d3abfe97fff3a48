//! Leases on real files, shared with real processes.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;

fn folder() -> (TempDir, LeaseFolder) {
    // Whatever the caller of the tests ignores, as under `nohup`.
    crate::interrupt::handle_ignored().unwrap();
    let root = tempfile::tempdir().unwrap();
    let leases = LeaseFolder::open(&root.path().join("queue.db"));
    (root, leases)
}

fn attempt(number: u8) -> AttemptId {
    AttemptId::from_bytes([number; 16])
}

/// Adopts a lease that nobody holds any more. Until it executes, a process that another test starts at this moment shares
/// all our files, this one too: so it may take a moment.
fn adopted(leases: &LeaseFolder, attempt: AttemptId) -> (Lease, bool) {
    for _ in 0..60_000 {
        match leases.try_adopt(attempt).unwrap() {
            Adoption::Free { lease, started } => return (lease, started),
            Adoption::Held => thread::sleep(Duration::from_millis(1)),
            Adoption::Missing => panic!("there is no lease"),
        }
    }
    panic!("it is held for good");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_folder_comes_with_the_first_lease_and_belongs_to_its_owner_alone() {
    let (root, leases) = folder();
    assert_eq!(leases.path(), root.path().join("queue.db.leases"));
    assert_eq!(leases.attempts().unwrap(), []);
    assert!(matches!(leases.try_adopt(attempt(1)).unwrap(), Adoption::Missing));
    leases.remove_remains(attempt(1)).unwrap();
    assert!(!leases.path().exists());
    let lease = leases.take(attempt(1)).unwrap();
    assert_eq!((mode(leases.path()), mode(&lease.path)), (0o700, 0o600));
}

#[test]
fn a_relative_database_has_an_absolute_result_file() {
    assert!(LeaseFolder::open(Path::new("queue.db")).result_file(attempt(1)).is_absolute());
}

#[test]
fn a_lease_is_held_until_it_is_closed_and_tells_whether_the_program_was_started() {
    let (_root, leases) = folder();
    for started in [false, true] {
        let lease = leases.take(attempt(1)).unwrap();
        if started {
            lease.mark_started().unwrap();
        }
        assert!(matches!(leases.try_adopt(attempt(1)).unwrap(), Adoption::Held));
        drop(lease);
        let (lease, seen) = adopted(&leases, attempt(1));
        assert_eq!(seen, started);
        assert!(matches!(leases.try_adopt(attempt(1)).unwrap(), Adoption::Held), "it is ours now");
        lease.remove().unwrap();
        assert!(matches!(leases.try_adopt(attempt(1)).unwrap(), Adoption::Missing));
    }
}

#[test]
fn a_started_lease_names_its_call_also_to_who_does_not_hold_it() {
    let (_root, leases) = folder();
    let call = StartedCall {
        attempt: attempt(1),
        number: 2,
        item: "17".parse().unwrap(),
        client: "acme".parse().unwrap(),
        lead: "lead \"17\" {ü}".parse().unwrap(),
        phone: Some("+12125550117".parse().unwrap()),
        region: None,
        place: crate::model::LeadPlace::of_zones(vec![
            "America/Los_Angeles".parse().unwrap(),
            "America/Denver".parse().unwrap(),
        ])
        .into(),
        priority: crate::model::Priority::High,
        dispatcher: "command".to_owned(),
        run: crate::model::RunId::from_bytes([9; 16]),
        started_at: chrono::DateTime::from_timestamp_millis(1_795_446_000_123).unwrap(),
    };
    assert_eq!(leases.mark(attempt(1)).unwrap(), Mark::Missing);
    let lease = leases.take(attempt(1)).unwrap().naming(&call);
    assert_eq!(leases.mark(attempt(1)).unwrap(), Mark::Unstarted);
    lease.mark_started().unwrap();
    assert_eq!(leases.mark(attempt(1)).unwrap(), Mark::Started(Box::new(call.clone())));
    assert_eq!(fs::read(&lease.path).unwrap().iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
    fs::copy(&lease.path, leases.lease_file(attempt(2))).unwrap();
    for text in ["1", "1\n{", "{}", "null"] {
        fs::write(leases.lease_file(attempt(3)), text).unwrap();
        assert_eq!(leases.mark(attempt(3)).unwrap(), Mark::Nameless, "{text}");
    }
    assert_eq!(leases.mark(attempt(2)).unwrap(), Mark::Nameless, "it names another attempt");
}

#[test]
fn a_held_lease_cannot_be_taken_again() {
    let (_root, leases) = folder();
    let _lease = leases.take(attempt(1)).unwrap();
    let error = leases.take(attempt(1)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    assert!(error.to_string().contains("is held by another process"), "{error}");
    assert!(leases.take(attempt(2)).is_ok());
}

#[test]
fn removing_takes_the_result_along_and_bears_that_all_is_gone() {
    let (_root, leases) = folder();
    let lease = leases.take(attempt(1)).unwrap();
    fs::write(leases.result_file(attempt(1)), "{}").unwrap();
    lease.remove().unwrap();
    assert_eq!(leases.names().unwrap(), Vec::<OsString>::new());
    let lease = leases.take(attempt(1)).unwrap();
    fs::remove_dir_all(leases.path()).unwrap();
    lease.remove().unwrap();
}

#[test]
fn a_file_that_has_lost_its_name_before_it_was_locked_is_opened_again() {
    let (_root, leases) = folder();
    let opened = std::cell::Cell::new(0);
    let open = |path: &Path| {
        let file = created(path);
        opened.set(opened.get() + 1);
        match opened.get() {
            // A cleaner removes it,
            1 => fs::remove_file(path).unwrap(),
            // and another one while a third process makes it anew.
            2 => {
                fs::remove_file(path).unwrap();
                fs::write(path, "").unwrap();
            }
            _ => {}
        }
        file
    };
    let lease = leases.lock(attempt(1), open).unwrap().unwrap();
    assert_eq!(opened.get(), 3);
    assert!(names(&lease.path, &lease.file).unwrap());
}

#[test]
fn takers_and_cleaners_at_once_never_hold_one_lease_twice() {
    let (_root, leases) = folder();
    let holders = std::sync::atomic::AtomicU32::new(0);
    let alone = |lease: Lease| {
        assert_eq!(holders.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
        (0..50).for_each(|_| thread::yield_now());
        holders.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        lease.remove().unwrap();
    };
    thread::scope(|scope| {
        for worker in 0..4 {
            let (leases, alone) = (&leases, &alone);
            scope.spawn(move || {
                for _ in 0..500 {
                    if worker % 2 == 0 {
                        leases.take(attempt(1)).into_iter().for_each(alone);
                    } else if let Adoption::Free { lease, .. } = leases.try_adopt(attempt(1)).unwrap() {
                        alone(lease);
                    }
                }
            });
        }
    });
}

#[test]
fn every_file_of_an_attempt_is_found_and_can_be_removed() {
    let (_root, leases) = folder();
    drop(leases.take(attempt(2)).unwrap());
    let _held = leases.take(attempt(1)).unwrap();
    for name in [format!("{}.result", attempt(2)), format!("{}.result.tmp", attempt(3)), "notes".to_owned()] {
        fs::write(leases.path().join(name), "").unwrap();
    }
    assert_eq!(leases.attempts().unwrap(), [attempt(1), attempt(2), attempt(3)]);
    leases.remove_remains(attempt(2)).unwrap();
    leases.remove_remains(attempt(3)).unwrap();
    assert_eq!(leases.attempts().unwrap(), [attempt(1), attempt(2)]);
    adopted(&leases, attempt(2));
}

#[test]
fn a_process_that_inherited_a_lease_holds_it_beyond_its_giver() {
    let (_root, leases) = folder();
    let lease = leases.take(attempt(1)).unwrap();
    lease.mark_started().unwrap();
    let start = || Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = lease.inherited(start).unwrap().unwrap();
    drop(lease);
    // What it sends back shows that it lives; it ends when its input is closed.
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"x").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    assert!(matches!(leases.try_adopt(attempt(1)).unwrap(), Adoption::Held));
    drop(input);
    child.wait().unwrap();
    assert!(adopted(&leases, attempt(1)).1, "started");
}

#[test]
fn a_process_started_otherwise_does_not_hold_it() {
    let (_root, leases) = folder();
    let lease = leases.take(attempt(1)).unwrap();
    // Given on once, it is closed to later programs again.
    lease.inherited(|| ()).unwrap();
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    drop(lease);
    // The program still runs, and yet the lease is free.
    assert!(!adopted(&leases, attempt(1)).1);
    drop(child.stdin.take());
    child.wait().unwrap();
}
