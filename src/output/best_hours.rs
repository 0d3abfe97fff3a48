//! What an hour adds to the order, in words for people.

use super::number::with_commas;
use crate::contract::BestHoursView;

/// `Tue 10 is +0.6 of 14.5 % (n 8,214): +0.8 points`.
pub fn of_best_hours(hours: &BestHoursView) -> String {
    let BestHoursView { hour, best_guess, mean, calls, points } = hours;
    let (apart, mean, calls) = ((best_guess - mean) * 100.0, mean * 100.0, with_commas(*calls));
    format!("{hour} is {apart:+.1} of {mean:.1} % (n {calls}): {points:+.1} points")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_percent_and_points_have_a_sign() {
        let (hour, best_guess, mean) = ("Tue 10".to_owned(), 0.151, 0.145);
        let view = BestHoursView { hour, best_guess, mean, calls: 8_214, points: 0.8276 };
        assert_eq!(of_best_hours(&view), "Tue 10 is +0.6 of 14.5 % (n 8,214): +0.8 points");
        let view = BestHoursView { best_guess: 0.1, points: -5.0, ..view };
        assert_eq!(of_best_hours(&view), "Tue 10 is -4.5 of 14.5 % (n 8,214): -5.0 points");
    }
}
