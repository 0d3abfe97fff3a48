//! What a listing shows.

use crate::model::{ItemId, ListSort};
use crate::output::ListColumn;
use crate::store::Filter;

pub(super) struct Request {
    pub(super) filter: Filter,
    pub(super) columns: Option<Vec<ListColumn>>,
    pub(super) sort: ListSort,
    pub(super) reverse: bool,
    /// 0 for all.
    pub(super) limit: usize,
    pub(super) after: Option<ItemId>,
}
