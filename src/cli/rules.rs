//! `callq rules`

use clap::{Args, Subcommand};

use super::Client;
use super::listed::zone;
use super::rules_caps::RulesCaps;
use crate::model::{Purpose, RequestFields, Voice};

/// Show and check the rules of law that calls keep
///
/// The rules are those that come with the program and those of the configuration, each with its source and the day on which
/// it was read. They are not legal advice.
#[derive(Debug, Args)]
pub struct Rules {
    /// What to do with them.
    #[command(subcommand)]
    pub action: RulesAction,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// List rules
    List(RulesList),
    /// Show one rule whole, with its sources
    Show(RulesShow),
    /// Show which rules hold for a number, and when it may be called
    ///
    /// Needs no database. Name a number, a region or a zone.
    For(RulesFor),
    /// Check the rules, and the retries against the caps
    Check(RulesCheck),
    /// Answer what caps say to calls and to retries
    Caps(RulesCaps),
}

#[derive(Debug, Args)]
pub struct RulesList {
    #[command(flatten)]
    pub client: Client,

    /// List the rules that apply to calls for this purpose
    #[arg(long = "for", value_name = "PURPOSE")]
    pub purpose: Option<Purpose>,

    /// List the rules that hold in this region, such as US-FL
    #[arg(long = "in", value_name = "REGION")]
    pub region: Option<String>,
}

#[derive(Debug, Args)]
pub struct RulesShow {
    #[command(flatten)]
    pub client: Client,

    /// The rule, such as us-fl
    pub id: String,
}

#[derive(Debug, Args)]
pub struct RulesFor {
    #[command(flatten)]
    pub client: Client,

    /// The number of a lead, as people write it
    #[arg(value_name = "NUMBER")]
    pub number: Option<String>,

    /// Name the region of the lead, such as US-FL or DE
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Name a zone where the lead may be; several zones must all be open
    #[arg(long, value_name = "Z", hide_possible_values = true, allow_hyphen_values = true, value_parser = zone())]
    pub timezone: Vec<String>,

    /// Ask for calls of this purpose, not the client's
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Option<Purpose>,

    /// Ask for calls of this voice, not the client's
    #[arg(long, value_name = "VOICE")]
    pub voice: Option<Voice>,

    /// Ask about this time; now by default
    #[arg(long, value_name = "T")]
    pub at: Option<String>,
}

impl RulesFor {
    /// What the arguments say of where the lead is.
    pub fn fields(&self) -> RequestFields {
        RequestFields {
            phone: self.number.clone(),
            region: self.region.clone(),
            timezones: self.timezone.clone(),
            ..RequestFields::default()
        }
    }
}

#[derive(Debug, Args)]
pub struct RulesCheck {
    #[command(flatten)]
    pub client: Client,
}
