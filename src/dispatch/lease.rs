//! Leases: a file lock that lives exactly as long as the dispatcher of one attempt.

/// The folder of all leases of a database.
#[derive(Debug)]
pub struct LeaseFolder;

/// The lock of one attempt.
#[derive(Debug)]
pub struct Lease;
