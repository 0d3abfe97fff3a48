//! The gates: every reason that may hold an item back, with its word.

use super::choices::choice;

choice! {
    /// One reason that may hold an item back. The order is that in which a run asks.
    Gate, "gate" {
        /// The item waits to be called.
        Status = "status",
        /// The client's section of the configuration and its calendars can be read.
        Configuration = "configuration",
        /// The client has a dispatcher, and that works.
        Dispatcher = "dispatcher",
        /// Neither everything nor the client is paused.
        Paused = "paused",
        /// The client has fewer calls in progress than `max_concurrent`.
        Capacity = "capacity",
        /// The client started fewer calls in the last 60 s than `max_per_minute`.
        RateLimit = "rate_limit",
        /// The provider's account takes another call.
        ProviderCapacity = "provider_capacity",
        /// The due time has come.
        Due = "due",
        /// The region of the lead is known, or need not be.
        Place = "place",
        /// The client's business hours.
        BusinessHours = "business_hours",
        /// For `low`: the client's date is a workday.
        Workday = "workday",
        /// For `high`: the client's best hours.
        PriorityHours = "priority_hours",
        /// For `low`: any but the best business hours.
        QuietHours = "quiet_hours",
        /// The client's date is no holiday.
        Holiday = "holiday",
        /// The called person's own hours, in one zone.
        CallingHours = "calling_hours",
        /// The window and the holidays of a rule of law, in one zone.
        Law = "law",
        /// There is a slot at all: closed only.
        Slot = "slot",
        /// `expires_at` has not come.
        Expired = "expired",
        /// The numbering plans allow the number: closed only.
        InvalidNumber = "invalid_number",
        /// No entry of the do-not-call list closes the number.
        DoNotCall = "do_not_call",
        /// The registries that are asked have fresh copies that do not list the number.
        Registry = "registry",
        /// The consents that rules require are given.
        Consent = "consent",
        /// The caps on calls to the number.
        Cap = "cap",
        /// No other item of the client called the number lately.
        NumberRest = "number_rest",
        /// Nobody else calls the number.
        NumberInUse = "number_in_use",
    }
}
