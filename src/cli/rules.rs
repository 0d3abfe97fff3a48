//! `callq rules`

use clap::{Args, Subcommand};

use super::Client;
use crate::compliance::Region;
use crate::model::{Purpose, Voice, ZoneName};

/// Show and check the rules of law that calls keep
///
/// The rules are those that come with the program and those of the configuration, each with its source and the day on which
/// it was read. They are no legal advice.
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
    pub region: Option<Region>,
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
    #[arg(required_unless_present_any = ["region", "timezone"])]
    pub number: Option<String>,

    /// Name the region of the lead, such as US-FL or DE
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,

    /// Name a zone where the lead may be; several zones must all be open
    #[arg(long, value_name = "Z", hide_possible_values = true)]
    pub timezone: Vec<ZoneName>,

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

#[derive(Debug, Args)]
pub struct RulesCheck {
    #[command(flatten)]
    pub client: Client,
}
