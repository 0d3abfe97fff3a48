//! `callq config`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::config_edit;
use super::context::{Context, output_failed};
use super::input::named_twice;
use super::one_clock::one_clock;
use super::output_file::Protected;
use super::reschedule::later_slots;
use super::retry_ladder;
use super::runs::run_warnings;
use super::telling::receiver_warnings;
use crate::cli::{Client, Config, ConfigAction, Section};
use crate::config::{self, Edited, Problem, Row, Settings, Source};
use crate::contract::{CheckRow, ConfigRow, List, PathView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, ConfigTopic, Format};
use crate::output::{counted, visible};
use crate::scheduler::{LegalPlace, why_never};
use crate::store::{Access, Store};

pub(super) fn run(args: &Config, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        ConfigAction::List { client, changed } => list(client, *changed, context),
        ConfigAction::Get { client, key } => get(client, &key.0, context),
        ConfigAction::Set { section, key, value, more } => set(section, &key.0, value.as_ref(), more, context),
        ConfigAction::Unset { section, key } => unset(section, &key.0, context),
        ConfigAction::Edit => {
            config_edit::run(&path_to_write(context)?, context)?;
            show_path(context)
        }
        ConfigAction::Path => show_path(context),
        ConfigAction::Init { preset } => {
            config::init(&path_to_write(context)?, *preset)?;
            show_path(context)
        }
        ConfigAction::Explain { client, topic: ConfigTopic::Retry } => {
            let client = known_client(client, context)?;
            retry_ladder::run(client.as_ref(), context)
        }
        ConfigAction::Check => check(context),
    }
}

fn list(named: &Client, changed: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(named, context)?;
    let rows = config::list(&*context.settings()?, client.as_ref());
    let rows = rows.into_iter().map(|row| in_use(row, context)).collect::<Result<Vec<_>, _>>()?;
    let is_shown = |row: &Row| !changed || row.source != Source::BuiltIn;
    let rows: Vec<ConfigRow> = rows.into_iter().filter(is_shown).map(view).collect();
    if rows.is_empty() && context.is_for_a_person() {
        context.say(format_args!("No changed keys."));
    }
    context.show(&List { rows })
}

fn get(named: &Client, key: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(named, context)?;
    let row = in_use(config::get(&*context.settings()?, key, client.as_ref())?, context)?;
    match &row.bare {
        None => Err(CommandError::message(ErrorKind::NotFound, format!("`{key}` is not set and has no default"))),
        Some(bare) if context.format() == Format::Table => {
            writeln!(context.out, "{}", visible(bare)).map_err(output_failed)
        }
        Some(_) => context.show(&view(row)),
    }
}

/// The row as it holds here: only of the database the command line and the user's folders know more.
fn in_use(row: Row, context: &Context<'_>) -> Result<Row, CommandError> {
    Ok(match row.key.as_str() {
        "database" => config::database_in_use(&*context.settings()?, &context.surroundings.locations),
        _ => row,
    })
}

// A wrong or missing file can be mended with `set`, `unset`, `path` and `init`: they do without the settings.

fn set(
    section: &Section,
    key: &str,
    value: Option<&String>,
    more: &[String],
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (path, client) = (path_to_write(context)?, section.client.as_ref());
    let keys: Vec<&str> = if key.contains('=') {
        let words: Vec<&str> = std::iter::once(key).chain(value.into_iter().chain(more).map(String::as_str)).collect();
        set_all(&path, client, &words, context)?;
        words.iter().filter_map(|word| word.split('=').next()).map(str::trim).collect()
    } else {
        let (Some(value), []) = (value, more) else {
            return Err(CommandError::message(ErrorKind::Usage, format!("`{key}` takes one value"))
                .with_hint(format!("callq config set {key} VALUE, or KEY=VALUE for each of several keys")));
        };
        report(config::set(&path, client, key, value)?, context)?;
        vec![key]
    };
    say_later_slots(&keys, client, context);
    if keys.iter().any(|key| ["holiday_files", "holiday_exclude"].contains(key))
        && let Ok(settings) = config::load(&context.surroundings.locations)
    {
        for warning in config::calendar_warnings(&settings, client, context.now()) {
            context.say(format_args!("warning: {}", warning.message));
        }
    }
    Ok(())
}

/// Says that items keep slots which the new hours would make earlier.
fn say_later_slots(keys: &[&str], client: Option<&ClientId>, context: &mut Context<'_>) {
    const OF_HOURS: [&str; 8] = [
        "timezone",
        "active_days",
        "holidays",
        "holiday_files",
        "holiday_exclude",
        "business_hours",
        "calling_hours",
        "law",
    ];
    let is_of_hours = |key: &&str| OF_HOURS.iter().any(|hours| key.split('.').next() == Some(hours));
    if !keys.iter().any(is_of_hours) {
        return;
    }
    let Ok(settings) = config::load(&context.surroundings.locations) else { return };
    let said = queue(&settings, context).map(|store| later_slots(&store, &settings, client, context));
    if let Some(words) = said.and_then(Result::ok).flatten() {
        context.say(format_args!("{words}"));
    }
}

/// Sets several keys, each written KEY=VALUE: all or none.
fn set_all(
    path: &Path,
    client: Option<&ClientId>,
    words: &[&str],
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let pair = |word: &&str| match word.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_owned(), value.to_owned())),
        None => Err(CommandError::message(ErrorKind::Usage, format!("`{word}` is not of the form KEY=VALUE"))),
    };
    let pairs: Vec<(String, String)> = words.iter().map(pair).collect::<Result<_, _>>()?;
    if let Some(key) = named_twice(pairs.iter().map(|(key, _)| key)) {
        return Err(CommandError::message(ErrorKind::Usage, format!("`{key}` is named twice: give it one value")));
    }
    let edited = config::set_all(path, client, &pairs)?;
    let changed = edited.iter().any(|edited| edited.changed);
    let stronger: Vec<_> = edited.iter().filter_map(|edited| stronger(&edited.row, context)).collect();
    context.show_timeless(&List { rows: edited.into_iter().map(|edited| view(edited.row)).collect() })?;
    say_edited(changed, &stronger, context);
    Ok(())
}

fn unset(section: &Section, key: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = path_to_write(context)?;
    report(config::unset(&path, section.client.as_ref(), key)?, context)?;
    say_later_slots(&[key], section.client.as_ref(), context);
    Ok(())
}

/// The configuration as a file to write, which must be nothing of the database. A wrong or missing one names no database.
fn path_to_write(context: &Context<'_>) -> Result<PathBuf, CommandError> {
    let locations = &context.surroundings.locations;
    let path = locations.config_path()?;
    let database = context.settings().ok().and_then(|settings| settings.database_path(locations).ok());
    if let Some(database) = database.or_else(|| locations.usual_database()) {
        Protected::database(&database).refuse("--config", &path)?;
    }
    Ok(path)
}

fn report(edited: Edited, context: &mut Context<'_>) -> Result<(), CommandError> {
    let stronger = stronger(&edited.row, context);
    context.show_timeless(&view(edited.row))?;
    say_edited(edited.changed, stronger.as_slice(), context);
    Ok(())
}

/// Says what the rows do not: that nothing changed, and which flags and variables go before the file.
fn say_edited(changed: bool, stronger: &[(&str, String)], context: &mut Context<'_>) {
    if !changed {
        context.say(format_args!("unchanged: already set to this value"));
    }
    for (name, key) in stronger {
        context.say(format_args!("{name} is set and goes before it: `callq config get {key}` shows what holds"));
    }
}

/// The flag or variable that goes before a row of the file, and the row's key.
fn stronger(row: &Row, context: &Context<'_>) -> Option<(&'static str, String)> {
    row.overruled_by(&context.surroundings.locations).map(|name| (name, row.key.clone()))
}

fn show_path(context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = context.surroundings.locations.config_path()?;
    context.show_timeless(&PathView { path: path.display().to_string(), exists: path.exists() })
}

fn check(context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, problems) = config::load_with_problems(&context.surroundings.locations)?;
    let mut rows: Vec<CheckRow> = problems.iter().map(|problem| check_row("error", problem)).collect();
    if let Some(settings) = &settings {
        // A warning about a value that is no value would say the same in other words.
        let keys: Vec<&str> = problems.iter().filter_map(|problem| problem.message.split('`').nth(1)).collect();
        let is_told = |row: &CheckRow| keys.iter().any(|key| row.detail.contains(&format!("`{key}`")));
        rows.extend(warning_rows(settings, context).into_iter().filter(|row| !is_told(row)));
    }
    if rows.is_empty() {
        let path = settings.as_ref().and_then(Settings::path).filter(|path| path.exists());
        let check = path.map_or_else(|| "built-in".to_owned(), |path| path.display().to_string());
        rows.push(CheckRow { check, verdict: "ok", detail: "no errors and no warnings".to_owned() });
    }
    context.show_checks(rows)?;
    if problems.is_empty() {
        return Ok(());
    }
    let errors = counted(problems.len() as u64, "error");
    Err(CommandError::message(ErrorKind::Config, format!("{errors} in the configuration")))
}

/// Everything that a configuration warns of.
fn warning_rows(settings: &Settings, context: &Context<'_>) -> Vec<CheckRow> {
    let now = context.now();
    let store = queue(settings, context);
    let queued = store.as_ref().and_then(|store| store.clients().ok());
    let queued: Option<BTreeSet<ClientId>> = queued.map(|clients| clients.into_iter().collect());
    let never =
        |hours: &_, priority| why_never(hours, &LegalPlace::home(hours), priority, now).map(|never| never.to_string());
    let warnings = config::warnings(settings, &context.surroundings.locations, queued.as_ref(), &never, now);
    let law = config::law_warnings(settings, None, now).into_iter().chain(config::purpose_warning(settings));
    let told = receiver_warnings(settings, context);
    let mut rows: Vec<CheckRow> =
        warnings.into_iter().chain(law).chain(told).map(|warning| check_row("warning", &warning)).collect();
    let later = store.as_ref().map(|store| later_slots(store, settings, None, context));
    let clock = store.as_ref().map(|store| one_clock(store, &settings.policies));
    let runs = store.as_ref().and_then(|store| run_warnings(store, &settings.policies, now).ok());
    let said = [later, clock].into_iter().filter_map(|said| said?.ok()?);
    for detail in said.chain(runs.unwrap_or_default()) {
        rows.push(CheckRow { check: "queue".to_owned(), verdict: "warning", detail });
    }
    rows
}

pub(super) fn check_row(verdict: &'static str, problem: &Problem) -> CheckRow {
    let place = problem.spot.to_string();
    let place = place.trim_end_matches(": ");
    let check = if place.is_empty() { "environment" } else { place }.to_owned();
    CheckRow { check, verdict, detail: problem.message.clone() }
}

/// The client that is named, if a section knows it, or an item where there is a queue: `config` needs no database.
fn known_client(named: &Client, context: &Context<'_>) -> Result<Option<ClientId>, CommandError> {
    let settings = context.settings()?;
    match context.client(named)? {
        Some(client) if !settings.policies.names(&client) => {
            context.known_client(named, queue(&settings, context).as_ref())
        }
        Some(client) => {
            // A wrong section has no values that hold.
            settings.problems_of(&client).map_or(Ok(Some(client)), |wrong| Err(wrong.into()))
        }
        None => Ok(None),
    }
}

/// The database, where there is one that can be read; it is never made.
fn queue(settings: &Settings, context: &Context<'_>) -> Option<Store> {
    let path = settings.database_path(&context.surroundings.locations).ok()?;
    // It changes nothing, and what is older has not all tables.
    Store::open(&path, Access::Look).ok().filter(|store| !store.is_older().unwrap_or(true))
}

fn view(row: Row) -> ConfigRow {
    ConfigRow { key: row.key, value: row.json, source: row.source.to_string(), text: row.value }
}
