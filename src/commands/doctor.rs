//! `callq doctor`

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::world::{World, output_failed};
use crate::cli::Doctor;
use crate::config::{self, Settings};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, to_text};
use crate::output::view::{CheckRow, List};
use crate::output::{self, LocalTime, Look, span};
use crate::scheduler::{why_never, zone_data_is_stale, zone_data_version};
use crate::store::{Access, Store, StoreError, StoreResult};

pub(super) fn run(_args: &Doctor, world: &mut World<'_>) -> Result<(), CommandError> {
    let mut findings = Findings::default();
    let settings = world.settings();
    let path = match &settings {
        Ok(settings) => settings.database_path(&world.surroundings.locations).map_err(|error| error.to_string()),
        Err(_) => world
            .surroundings
            .locations
            .named_database()
            .ok_or_else(|| "not known while the configuration is wrong; --db names it".to_owned()),
    };
    let store = path.as_ref().ok().map(|path| Store::open(path, Access::Read));
    let queued = store.as_ref().and_then(|store| store.as_ref().ok()?.clients().ok());
    match &settings {
        Ok(settings) => configuration(settings, queued, world, &mut findings),
        Err(error) => error.to_string().lines().for_each(|line| findings.error("configuration", line)),
    }
    zone_data(world, &mut findings);
    match (&path, store) {
        (Ok(path), Some(store)) => database(path, store, world, &mut findings),
        (Err(reason), _) => findings.error("database", reason),
        (Ok(_), None) => {}
    }
    findings.tell(world)
}

/// What the checks found, in order.
#[derive(Debug, Default)]
struct Findings(Vec<CheckRow>);

impl Findings {
    fn add(&mut self, check: &str, verdict: &'static str, detail: impl Into<String>) {
        self.0.push(CheckRow { check: check.to_owned(), verdict, detail: detail.into() });
    }

    fn ok(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "ok", detail);
    }

    fn warning(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "warning", detail);
    }

    fn error(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "error", detail);
    }

    /// Writes them; a configuration that is wrong must not keep them from being read.
    fn tell(self, world: &mut World<'_>) -> Result<(), CommandError> {
        let wrong = self.0.iter().filter(|row| row.verdict == "error").count();
        let utc = |_: Option<&ClientId>, instant: chrono::DateTime<chrono::Utc>| LocalTime {
            local: instant.naive_utc(),
            abbreviation: "UTC".to_owned(),
        };
        let look = Look { style: world.style(), now: world.now(), local: &utc };
        output::render(&List { rows: self.0 }, world.format(), &look, world.out).map_err(output_failed)?;
        match wrong {
            0 => Ok(()),
            1 => Err(CommandError::message(ErrorKind::Failed, "one check found something wrong")),
            _ => Err(CommandError::message(ErrorKind::Failed, format!("{wrong} checks found something wrong"))),
        }
    }
}

fn configuration(settings: &Settings, queued: Option<Vec<ClientId>>, world: &World<'_>, findings: &mut Findings) {
    let queued: Option<BTreeSet<ClientId>> = queued.map(|clients| clients.into_iter().collect());
    let never = |hours: &crate::scheduler::HoursPolicy, priority| {
        why_never(hours, &[], priority, world.now()).map(|never| never.to_string())
    };
    let warnings = config::warnings(settings, &world.surroundings.locations, queued.as_ref(), &never);
    match settings.path() {
        Some(path) if path.exists() => {
            let clients = settings.policies.clients().count();
            findings.ok("configuration", format!("{}: clients with a section: {clients}", path.display()));
        }
        Some(path) => findings.ok("configuration", format!("built-in values: there is no {}", path.display())),
        None => findings.ok("configuration", "built-in values: there is no home directory"),
    }
    warnings.iter().for_each(|warning| findings.warning("configuration", warning.to_string()));
}

fn zone_data(world: &World<'_>, findings: &mut Findings) {
    let version = zone_data_version();
    if zone_data_is_stale(world.now()) {
        let advice = "governments change their clocks every year, so that some zone is surely an hour off";
        findings.warning("zone data", format!("{version} is older than a year: {advice}; use a newer callq"));
    } else {
        findings.ok("zone data", version);
    }
}

fn database(path: &Path, store: StoreResult<Store>, world: &World<'_>, findings: &mut Findings) {
    match store {
        Err(StoreError::Missing(_)) => {
            findings.ok("database", format!("none yet at {}: `callq add` makes it", path.display()));
            return clock(None, world, findings);
        }
        Err(error) => findings.error("database", error.to_string()),
        Ok(store) => {
            if let Err(error) = content(path, &store, findings) {
                findings.error("database", format!("{}: {error}", path.display()));
            }
            clock(Some(&store), world, findings);
        }
    }
    permissions(path, findings);
}

fn content(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let version = store.schema_version()?;
    match store.check()? {
        Some(fault) => {
            let advice = "restore a backup, or save what can be read with `sqlite3 FILE .recover`";
            findings.error("database", format!("{} is damaged: {fault}; {advice}", path.display()));
        }
        None => findings.ok("database", format!("{}: sound, schema version {version}", path.display())),
    }
    let wrong = store.wrong_settings()?;
    match wrong.is_empty() {
        true => findings.ok("settings", "write-ahead log, every commit is synced to disk"),
        false => findings.error("settings", wrong.join(", ")),
    }
    match store.broken_references()? {
        0 => findings.ok("references", "every row finds the rows that it names"),
        count => findings.error("references", format!("{count} rows name a row that is not there")),
    }
    let miscounts = store.miscounts()?;
    if miscounts.is_empty() {
        findings.ok("counts", "the kept counts and figures are those of the items and attempts");
    }
    for wrong in miscounts {
        findings.error("counts", format!("{}: {}, but {} are counted", wrong.what, wrong.real, wrong.kept));
    }
    Ok(())
}

fn clock(store: Option<&Store>, world: &World<'_>, findings: &mut Findings) {
    let now = world.now();
    match store.map(|store| store.future_attempts(now)).transpose() {
        Ok(None | Some(None)) => {
            let by = if world.clock.is_real() { "" } else { ", set by CALLQ_NOW" };
            findings.ok("clock", format!("{}{by}; no attempt lies in the future", to_text(now)));
        }
        Ok(Some(Some(future))) => {
            let others = match future.count {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let (at, ahead) = (to_text(future.started_at), span(future.started_at - now));
            let attempt = format!("attempt {} of item {}", future.newest, future.item);
            findings.warning(
                "clock",
                format!("{attempt} started at {at}, {ahead} in the future{others}: the clock was set back"),
            );
        }
        Err(error) => findings.error("clock", error.to_string()),
    }
}

/// The database and the files beside it are their owner's alone; nobody else may put others in their place.
fn permissions(path: &Path, findings: &mut Findings) {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode() & 0o7777).ok();
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let before = findings.0.len();
    for file in [path.to_owned(), beside("-wal"), beside("-shm"), beside(".leases")] {
        if let Some(mode) = mode(&file).filter(|mode| mode & 0o077 != 0) {
            let file = file.display();
            findings.error("permissions", format!("{file} is open to others (mode {mode:04o}): chmod go= {file}"));
        }
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let shown = folder.display();
    match mode(folder) {
        // In a sticky folder such as /tmp nobody replaces what is another's.
        Some(mode) if mode & 0o022 != 0 && mode & 0o1000 == 0 => {
            let fault = format!("others may replace the files in {shown} (mode {mode:04o}): chmod go-w {shown}");
            findings.error("permissions", fault);
        }
        Some(mode) if mode & 0o077 != 0 => {
            let fault = format!("others may look into {shown} (mode {mode:04o}); the database is closed to them");
            findings.warning("permissions", fault);
        }
        _ => {}
    }
    if findings.0.len() == before {
        findings.ok("permissions", "the database and its folder are open to nobody else");
    }
}
