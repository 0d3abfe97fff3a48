//! The run: claim, dispatch, record, and again until nothing is due.
