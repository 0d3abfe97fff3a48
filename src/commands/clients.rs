//! Which client a command means, and the policy that it goes by.

use std::sync::Arc;

use super::context::Context;
use crate::cli::Client;
use crate::config::Settings;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, did_you_mean};
use crate::scheduler::{Policy, Zone};
use crate::store::Store;

impl Context<'_> {
    /// The client that `--client` or `CALLQ_CLIENT` names.
    ///
    /// # Errors
    /// When the variable holds no client name.
    pub fn client(&self, named: &Client) -> Result<Option<ClientId>, CommandError> {
        if let Some(client) = &named.client {
            return Ok(Some(client.clone()));
        }
        let parse = |name: &String| {
            name.parse().map_err(|error| CommandError::message(ErrorKind::Usage, format!("CALLQ_CLIENT: {error}")))
        };
        self.surroundings.default_client.as_ref().map(parse).transpose()
    }

    /// The client of a command that cannot do without.
    ///
    /// # Errors
    /// When none is named.
    pub fn required_client(&self, named: &Client) -> Result<ClientId, CommandError> {
        self.client(named)?.ok_or_else(|| {
            CommandError::message(ErrorKind::Usage, "no client is named").with_hint("give -c NAME or set CALLQ_CLIENT")
        })
    }

    /// The client of a command that means every client without one, if a section or the database knows it.
    ///
    /// # Errors
    /// When the client is unknown.
    pub fn known_client(&self, named: &Client, store: Option<&Store>) -> Result<Option<ClientId>, CommandError> {
        let client = self.client(named)?;
        client.as_ref().map_or(Ok(()), |client| self.check_client(client, store))?;
        Ok(client)
    }

    /// The client of a question that needs no database: `look` finds one only for a client that no section names.
    pub(super) fn client_of_section_or(
        &self,
        named: &Client,
        look: impl FnOnce(&Settings) -> Result<Option<Store>, CommandError>,
    ) -> Result<Option<ClientId>, CommandError> {
        let Some(client) = self.client(named)? else { return Ok(None) };
        let settings = self.settings()?;
        if !settings.policies.names(&client) {
            return self.known_client(named, look(&settings)?.as_ref());
        }
        // A wrong section has no values that hold.
        self.policy(&client).map(|_| Some(client))
    }

    /// Refuses a client that neither a section nor the database knows.
    pub(super) fn check_client(&self, client: &ClientId, store: Option<&Store>) -> Result<(), CommandError> {
        let Some(others) = self.others_than(client, store)? else { return Ok(()) };
        let meant = did_you_mean(client.as_str(), others.iter().map(ClientId::as_str));
        Err(CommandError::message(ErrorKind::NotFound, format!("no client {client}{meant}"))
            .with_hint("a client exists when a section of the configuration or an item names it"))
    }

    /// Every client that a section or an item names, unless one of them names this client.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be read.
    pub fn others_than(&self, client: &ClientId, store: Option<&Store>) -> Result<Option<Vec<ClientId>>, CommandError> {
        let settings = self.settings()?;
        if settings.policies.names(client) || store.map(|store| store.names(client)).transpose()? == Some(true) {
            return Ok(None);
        }
        let queued = store.map(Store::clients).transpose()?.unwrap_or_default();
        Ok(Some(queued.into_iter().chain(settings.policies.clients().cloned()).collect()))
    }

    /// The policy of a client.
    ///
    /// # Errors
    /// When the configuration is wrong, if only for this client.
    pub fn policy(&self, client: &ClientId) -> Result<Arc<Policy>, CommandError> {
        let settings = self.settings()?;
        settings.problems_of(client).map_or(Ok(()), |wrong| Err(CommandError::from(wrong)))?;
        Ok(settings.policies.of(client).clone())
    }

    /// The policy of a client, or of one without a section.
    ///
    /// # Errors
    /// When the configuration is wrong, if only for this client.
    pub fn policy_or_defaults(&self, client: Option<&ClientId>) -> Result<Arc<Policy>, CommandError> {
        client.map_or_else(|| Ok(self.settings()?.policies.defaults().clone()), |client| self.policy(client))
    }

    /// The zone in which a command without an item reads and shows times.
    pub fn zone(&self, client: Option<&ClientId>) -> Result<Zone, CommandError> {
        Ok(self.policy_or_defaults(client)?.hours.zone.clone())
    }
}
