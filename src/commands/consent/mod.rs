//! `callq consent`

mod add;
mod import;
mod list;
mod store_of;
mod withdraw;

use super::context::Context;
use crate::cli::{ConsentAction, ConsentCommand};
use crate::error::CommandError;
use crate::model::ConsentFields;

pub(super) fn run(args: &ConsentCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        ConsentAction::Add { numbers, client, kind, at, until, proof } => {
            let fields =
                ConsentFields { kind: Some(*kind), at: at.clone(), until: until.clone(), proof: proof.clone() };
            add::run(numbers, client, fields, context)
        }
        ConsentAction::Withdraw { numbers, client } => withdraw::run(numbers, client.as_ref(), context),
        ConsentAction::List { client, phone, ended } => list::run(client.as_ref(), phone.as_ref(), *ended, context),
        ConsentAction::Import { client, file } => import::run(client, file, context),
    }
}
