//! What is known of the hours of a week: calls and answers, and how often a call is likely answered.

/// The hours of a week; 0 is Monday 00:00 to 00:59 on the clock of the lead.
pub const HOURS_A_WEEK: usize = 168;

/// Calls that began in one hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HourCalls {
    pub calls: u64,
    pub answered: u64,
}

/// How often a call of one hour of the week is answered, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourRate {
    /// The best guess, 0 to 1.
    pub mean: f64,
    /// The variance of the guess.
    pub variance: f64,
    /// The client's own calls in it.
    pub calls: u64,
}

/// One value for each hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct HoursOfWeek<T>(Vec<T>);

impl<T: Clone> HoursOfWeek<T> {
    pub fn all(value: T) -> HoursOfWeek<T> {
        HoursOfWeek(vec![value; HOURS_A_WEEK])
    }

    /// The values by hour; none unless there is one for each.
    pub fn of(values: Vec<T>) -> Option<HoursOfWeek<T>> {
        (values.len() == HOURS_A_WEEK).then_some(HoursOfWeek(values))
    }

    pub fn get(&self, hour_of_week: usize) -> Option<&T> {
        self.0.get(hour_of_week)
    }

    pub fn get_mut(&mut self, hour_of_week: usize) -> Option<&mut T> {
        self.0.get_mut(hour_of_week)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl HoursOfWeek<HourCalls> {
    /// Counts a call.
    pub fn note(&mut self, hour_of_week: usize, answered: bool) {
        if let Some(hour) = self.get_mut(hour_of_week) {
            hour.calls += 1;
            hour.answered += u64::from(answered);
        }
    }

    pub fn add(&mut self, others: &HoursOfWeek<HourCalls>) {
        for (hour, other) in self.0.iter_mut().zip(&others.0) {
            hour.calls += other.calls;
            hour.answered += other.answered;
        }
    }
}
