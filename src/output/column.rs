//! The columns of an item: which there are, and what stands in them.

use std::borrow::Cow;
use std::str::FromStr;

use super::style::Color;
use super::table::{Heading, dash};
use super::time::{RenderContext, about};
use crate::contract::{ItemView, instant_text};
use crate::model::{Status, ZoneName, did_you_mean};

/// A field of an item as a column of a table or of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemColumn {
    Id,
    Key,
    /// `client_id`
    Client,
    /// `lead_id`
    Lead,
    Priority,
    Status,
    Held,
    ScheduledAt,
    NextCallAt,
    ExpiresAt,
    RetryCount,
    MaxRetries,
    Attempts,
    Phone,
    Timezones,
    Metadata,
    LastReason,
    CreatedAt,
    CreatedBy,
    UpdatedAt,
    /// `region`, as given
    Region,
    /// `callback`: the instant that was promised
    Callback,
}

/// The columns of a table unless `--columns` names others. CSV has every field.
pub const DEFAULT_COLUMNS: [ItemColumn; 9] = [
    ItemColumn::Id,
    ItemColumn::Client,
    ItemColumn::Lead,
    ItemColumn::Priority,
    ItemColumn::Status,
    ItemColumn::NextCallAt,
    ItemColumn::RetryCount,
    ItemColumn::Phone,
    ItemColumn::LastReason,
];

/// The message for a word that is no column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown column `{0}`: expected {list} or meta.K{meant}",
    list = ItemColumn::ALL.map(ItemColumn::field).join(", "),
    meant = did_you_mean(.0, ItemColumn::ALL.map(ItemColumn::field))
)]
pub struct UnknownColumn(pub(super) String);

impl ItemColumn {
    /// Every column, in the order of the JSON fields.
    pub const ALL: [ItemColumn; 22] = [
        ItemColumn::Id,
        ItemColumn::Key,
        ItemColumn::Client,
        ItemColumn::Lead,
        ItemColumn::Priority,
        ItemColumn::Status,
        ItemColumn::Held,
        ItemColumn::ScheduledAt,
        ItemColumn::NextCallAt,
        ItemColumn::ExpiresAt,
        ItemColumn::RetryCount,
        ItemColumn::MaxRetries,
        ItemColumn::Attempts,
        ItemColumn::Phone,
        ItemColumn::Timezones,
        ItemColumn::Metadata,
        ItemColumn::LastReason,
        ItemColumn::CreatedAt,
        ItemColumn::CreatedBy,
        ItemColumn::UpdatedAt,
        ItemColumn::Region,
        ItemColumn::Callback,
    ];

    /// The name of the JSON field, also the CSV header and the word of `--columns`.
    pub fn field(self) -> &'static str {
        match self {
            ItemColumn::Id => "id",
            ItemColumn::Key => "key",
            ItemColumn::Client => "client_id",
            ItemColumn::Lead => "lead_id",
            ItemColumn::Priority => "priority",
            ItemColumn::Status => "status",
            ItemColumn::Held => "held",
            ItemColumn::ScheduledAt => "scheduled_at",
            ItemColumn::NextCallAt => "next_call_at",
            ItemColumn::ExpiresAt => "expires_at",
            ItemColumn::RetryCount => "retry_count",
            ItemColumn::MaxRetries => "max_retries",
            ItemColumn::Attempts => "attempts",
            ItemColumn::Phone => "phone",
            ItemColumn::Timezones => "timezones",
            ItemColumn::Metadata => "metadata",
            ItemColumn::LastReason => "last_reason",
            ItemColumn::CreatedAt => "created_at",
            ItemColumn::CreatedBy => "created_by",
            ItemColumn::UpdatedAt => "updated_at",
            ItemColumn::Region => "region",
            ItemColumn::Callback => "callback",
        }
    }

    /// The head of the column in a table.
    fn title(self) -> &'static str {
        match self {
            ItemColumn::Client => "client",
            ItemColumn::Lead => "lead",
            ItemColumn::ScheduledAt => "scheduled",
            ItemColumn::NextCallAt => "next call",
            ItemColumn::ExpiresAt => "expires",
            ItemColumn::RetryCount => "retries",
            ItemColumn::MaxRetries => "max",
            ItemColumn::LastReason => "reason",
            ItemColumn::CreatedAt => "created",
            ItemColumn::CreatedBy => "by",
            ItemColumn::UpdatedAt => "updated",
            other => other.field(),
        }
    }

    /// The column in a table that has to fit a terminal.
    pub(super) fn heading(self) -> Heading {
        let heading = Heading::new(self.title());
        match self {
            ItemColumn::Id | ItemColumn::RetryCount | ItemColumn::MaxRetries | ItemColumn::Attempts => {
                heading.numbers()
            }
            ItemColumn::Lead => heading.least(12),
            ItemColumn::Client | ItemColumn::Key | ItemColumn::CreatedBy => heading.least(6),
            ItemColumn::LastReason | ItemColumn::Metadata | ItemColumn::Timezones => heading.least(10),
            _ => heading,
        }
    }

    /// The cell of a table.
    pub(super) fn shown<'v>(self, item: &'v ItemView<'_>, look: &RenderContext<'_>) -> Cow<'v, str> {
        let client = Some(item.client_id);
        match self {
            ItemColumn::Status if item.held => Cow::Owned(format!("{} (held)", item.status)),
            ItemColumn::Status if item.status.is_waiting() && item.callback.is_some() => {
                item.callback.map_or(Cow::Borrowed(""), |callback| {
                    let missed = if callback.missed { " missed" } else { "" };
                    Cow::Owned(format!("callback {}{missed}", look.near(client, callback.at)))
                })
            }
            ItemColumn::ScheduledAt => Cow::Owned(look.short(client, item.scheduled_at)),
            ItemColumn::CreatedAt => Cow::Owned(look.short(client, item.created_at)),
            ItemColumn::UpdatedAt => Cow::Owned(look.short(client, item.updated_at)),
            ItemColumn::NextCallAt => local_or_dash(item, item.next_call_at, look),
            ItemColumn::ExpiresAt => local_or_dash(item, item.expires_at, look),
            ItemColumn::Callback => local_or_dash(item, item.callback.map(|callback| callback.at), look),
            ItemColumn::RetryCount => Cow::Owned(format!("{}/{}", item.retry_count, item.max_retries)),
            other => match other.cell(item) {
                Cow::Borrowed("") => Cow::Borrowed("-"),
                cell => cell,
            },
        }
    }

    /// The cell of a CSV row; an absent value is empty, several zones stand with a space between them.
    pub(super) fn cell<'v>(self, item: &'v ItemView<'_>) -> Cow<'v, str> {
        let instant = |instant| Cow::Owned(instant_text(instant));
        match self {
            ItemColumn::Id => Cow::Owned(item.id.to_string()),
            ItemColumn::Key => Cow::Borrowed(item.key.unwrap_or_default()),
            ItemColumn::Client => Cow::Borrowed(item.client_id.as_str()),
            ItemColumn::Lead => Cow::Borrowed(item.lead_id),
            ItemColumn::Priority => Cow::Borrowed(item.priority.as_str()),
            ItemColumn::Status => Cow::Borrowed(item.status.as_str()),
            ItemColumn::Held => Cow::Borrowed(if item.held { "true" } else { "false" }),
            ItemColumn::ScheduledAt => instant(item.scheduled_at),
            ItemColumn::NextCallAt => item.next_call_at.map_or(Cow::Borrowed(""), instant),
            ItemColumn::ExpiresAt => item.expires_at.map_or(Cow::Borrowed(""), instant),
            ItemColumn::RetryCount => Cow::Owned(item.retry_count.to_string()),
            ItemColumn::MaxRetries => Cow::Owned(item.max_retries.to_string()),
            ItemColumn::Attempts => Cow::Owned(item.attempts.to_string()),
            ItemColumn::Phone => Cow::Borrowed(item.phone.unwrap_or_default()),
            ItemColumn::Timezones => match item.timezones {
                [] => Cow::Borrowed(""),
                [zone] => Cow::Borrowed(zone.as_str()),
                zones => Cow::Owned(zones.iter().map(ZoneName::as_str).collect::<Vec<_>>().join(" ")),
            },
            ItemColumn::Metadata => item.metadata.map_or(Cow::Borrowed(""), |metadata| spaced(metadata.as_str())),
            ItemColumn::LastReason => Cow::Borrowed(item.last_reason.unwrap_or_default()),
            ItemColumn::CreatedAt => instant(item.created_at),
            ItemColumn::CreatedBy => Cow::Borrowed(item.created_by),
            ItemColumn::UpdatedAt => instant(item.updated_at),
            ItemColumn::Region => Cow::Borrowed(item.region.unwrap_or_default()),
            ItemColumn::Callback => item.callback.map_or(Cow::Borrowed(""), |callback| instant(callback.at)),
        }
    }
}

fn local_or_dash<'v>(
    item: &ItemView<'_>,
    instant: Option<chrono::DateTime<chrono::Utc>>,
    look: &RenderContext<'_>,
) -> Cow<'v, str> {
    instant.map_or(Cow::Borrowed("-"), |instant| Cow::Owned(look.short(Some(item.client_id), instant)))
}

/// How far away the next call is, for a terminal.
pub(super) fn next_call_in(item: &ItemView<'_>, look: &RenderContext<'_>) -> String {
    item.next_call_at.map_or_else(dash, |instant| about(instant, look.now))
}

/// The paint of an item's row: what needs a person stands out, what is done steps back.
pub(super) fn paint(item: &ItemView<'_>) -> Color {
    match item.status {
        _ if item.callback.is_some_and(|callback| callback.missed) => Color::Warning,
        Status::Failed if item.held => Color::Warning,
        Status::Failed => Color::Bad,
        Status::InProgress => Color::Good,
        Status::Completed | Status::Cancelled => Color::Dim,
        Status::Pending | Status::Scheduled | Status::RetryScheduled => Color::Plain,
    }
}

impl FromStr for ItemColumn {
    type Err = UnknownColumn;

    /// Reads the name of a field, or the head that the column has in a table, with `_` for its space.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ItemColumn::ALL
            .into_iter()
            .find(|column| text == column.field() || text == column.title().replace(' ', "_"))
            .ok_or_else(|| UnknownColumn(text.to_owned()))
    }
}

/// The same JSON with spaces for line ends and tabs, which can only stand between its tokens: spelled out they would break
/// it.
fn spaced(json: &str) -> Cow<'_, str> {
    const BREAKS: [char; 3] = ['\n', '\r', '\t'];
    if json.contains(BREAKS) { Cow::Owned(json.replace(BREAKS, " ")) } else { Cow::Borrowed(json) }
}
