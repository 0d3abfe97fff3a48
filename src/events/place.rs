//! What a delivery works with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::dispatch::{LeaseFolder, Variables};
use crate::model::{Environment, EventReceivers};

/// Where and with what events are delivered.
pub(crate) struct DeliveryPlace {
    pub database: PathBuf,
    pub receivers: EventReceivers,
    pub leases: LeaseFolder,
    pub clock: Arc<dyn Clock>,
    /// Gives secrets and proxies.
    pub variables: Arc<Variables>,
    /// The environment of hooks: without secrets.
    pub programs: Environment,
}
