//! `callq config`

mod check;
mod client;
mod edit;
mod edited;
mod explain;
mod get;
mod list;
mod path;
mod rows;
mod set;
mod unset;

use super::context::Context;
use crate::cli::{Config, ConfigAction};
use crate::config;
use crate::error::CommandError;
use crate::model::ConfigTopic;

pub(super) fn run(args: &Config, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        ConfigAction::List { client, changed } => list::run(client, *changed, context),
        ConfigAction::Get { client, key } => get::run(client, &key.0, context),
        ConfigAction::Set { section, key, value, more } => set::run(section, &key.0, value.as_ref(), more, context),
        ConfigAction::Unset { section, key } => unset::run(section, &key.0, context),
        ConfigAction::Edit => {
            edit::run(&path::path_to_write(context)?, context)?;
            path::show(context)
        }
        ConfigAction::Path => path::show(context),
        ConfigAction::Init { preset } => {
            config::init(&path::path_to_write(context)?, *preset)?;
            path::show(context)
        }
        ConfigAction::Explain { client, topic: ConfigTopic::Retry } => {
            let client = client::known_client(client, context)?;
            explain::run(client.as_ref(), context)
        }
        ConfigAction::Check => check::run(context),
    }
}
