//! The columns of a listing: fields of an item, and fields of its metadata.

use std::borrow::Cow;
use std::str::FromStr;

use super::column::{ItemColumn, UnknownColumn};
use super::table::Heading;
use super::time::RenderContext;
use crate::contract::ItemView;

/// A column of a table or of CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListColumn {
    Field(ItemColumn),
    /// The metadata field of this name.
    Meta(String),
}

/// What stands before the name of a metadata field.
const META: &str = "meta.";

impl ListColumn {
    /// The header of CSV, also the word of `--columns`.
    pub(super) fn field(&self) -> Cow<'static, str> {
        match self {
            ListColumn::Field(column) => Cow::Borrowed(column.field()),
            ListColumn::Meta(name) => Cow::Owned(format!("{META}{name}")),
        }
    }

    pub(super) fn heading(&self) -> Heading {
        match self {
            ListColumn::Field(column) => column.heading(),
            ListColumn::Meta(name) => Heading::new(name.clone()).least(6),
        }
    }

    /// The cell of a table.
    pub(super) fn shown<'v>(&self, item: &'v ItemView<'_>, look: &RenderContext<'_>) -> Cow<'v, str> {
        match self {
            ListColumn::Field(column) => column.shown(item, look),
            ListColumn::Meta(name) => meta(item, name).map_or(Cow::Borrowed("-"), Cow::Owned),
        }
    }

    /// The cell of a CSV row.
    pub(super) fn cell<'v>(&self, item: &'v ItemView<'_>) -> Cow<'v, str> {
        match self {
            ListColumn::Field(column) => column.cell(item),
            ListColumn::Meta(name) => meta(item, name).map_or(Cow::Borrowed(""), Cow::Owned),
        }
    }
}

fn meta(item: &ItemView<'_>, name: &str) -> Option<String> {
    item.metadata.and_then(|metadata| metadata.field(name))
}

impl FromStr for ListColumn {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix(META) {
            Some("") => Err(UnknownColumn(text.to_owned())),
            Some(name) => Ok(ListColumn::Meta(name.to_owned())),
            None => text.parse().map(ListColumn::Field),
        }
    }
}

/// Reads `id,lead_id,meta.campaign`.
///
/// # Errors
/// Names the word that is no column, and every column.
pub fn parse_columns(text: &str) -> Result<Vec<ListColumn>, UnknownColumn> {
    text.split(',').map(|word| word.trim().parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_as_its_field_or_as_its_head() {
        let fields = [ItemColumn::Id, ItemColumn::Lead, ItemColumn::NextCallAt, ItemColumn::LastReason];
        let mut columns = fields.map(ListColumn::Field).to_vec();
        columns.push(ListColumn::Meta("campaign".into()));
        assert_eq!(parse_columns("id, lead_id,next_call,reason,meta.campaign"), Ok(columns));
        for column in ItemColumn::ALL {
            assert_eq!(column.field().parse(), Ok(ListColumn::Field(column)));
        }
    }

    #[test]
    fn an_unknown_column_is_told_what_there_is() {
        let message = parse_columns("id,colour").unwrap_err().to_string();
        assert!(message.starts_with("unknown column `colour`: expected id, key, client_id, lead_id, "), "{message}");
        assert!(parse_columns("").is_err() && parse_columns("meta.").is_err());
    }
}
