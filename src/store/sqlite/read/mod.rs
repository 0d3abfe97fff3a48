//! Reads: rows as model types, filters, pages and single items.

pub(crate) mod begun;
pub(crate) mod calls;
pub(crate) mod changes;
pub(crate) mod dial;
pub(crate) mod filter;
pub(crate) mod forecast;
pub(crate) mod group_items;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod pager;
pub(crate) mod rows;
pub(crate) mod show;
