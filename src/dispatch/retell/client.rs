//! The connections to the provider.

use std::fmt;
use std::sync::Arc;

use super::http::Http;
use super::key::{ApiKey, KeyError};
use super::outages::Outages;
use super::requests::Requests;
use crate::clock::Clock;
use crate::dispatch::proxy::Variables;
use crate::model::RetellSettings;

/// The connections to the provider, and what is needed to use them. Copies share the connections.
#[derive(Clone)]
pub struct RetellClient {
    pub(super) http: Arc<Http>,
    pub(super) clock: Arc<dyn Clock>,
    variables: Arc<Variables>,
    pub(super) outages: Arc<Outages>,
}

impl RetellClient {
    /// A client that reads keys from `variables` or from files. Nothing is opened or read yet.
    pub fn new(clock: Arc<dyn Clock>, variables: Arc<Variables>) -> RetellClient {
        RetellClient { http: Arc::new(Http::new(&*variables)), clock, variables, outages: Arc::default() }
    }

    /// The key that the settings name.
    ///
    /// # Errors
    /// When the key is missing.
    pub fn key(&self, settings: &RetellSettings) -> Result<ApiKey, KeyError> {
        ApiKey::read(settings, &*self.variables)
    }

    /// Why nothing can be sent with the settings: the environment names a proxy that cannot be used.
    pub fn unusable_proxy(&self, settings: &RetellSettings) -> Option<String> {
        self.http.unusable_proxy(&settings.base_url)
    }

    pub(super) fn requests<'a>(&'a self, settings: &'a RetellSettings, key: &'a ApiKey) -> Requests<'a> {
        Requests { http: &self.http, settings, key }
    }
}

impl fmt::Debug for RetellClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetellClient").finish_non_exhaustive()
    }
}
