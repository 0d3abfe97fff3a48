//! A question to the statistics.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, StatsBy};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StatisticsRequest {
    /// Only this client; none for all.
    pub client: Option<ClientId>,
    /// Only attempts that started at this instant or later; none for all.
    pub since: Option<DateTime<Utc>>,
    /// Only attempts that started before this instant; none for all.
    pub until: Option<DateTime<Utc>>,
    /// The breakdown that is wanted.
    pub by: Option<StatsBy>,
}
