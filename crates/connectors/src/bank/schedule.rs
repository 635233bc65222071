//! When to ask again for an order that is not settled.

use std::time::Duration;

/// The steps of polling: from that age of an order on, a pause of that length before the next
/// question. The age counts from the moment the order was sent, so that a restart loses nothing.
pub const POLL_STEPS: [(Duration, Duration); 7] = [
    (Duration::from_secs(0), Duration::from_secs(1)),
    (Duration::from_secs(1), Duration::from_secs(2)),
    (Duration::from_secs(3), Duration::from_secs(5)),
    (Duration::from_secs(8), Duration::from_secs(10)),
    (Duration::from_secs(18), Duration::from_secs(30)),
    (Duration::from_secs(48), Duration::from_secs(60)),
    (Duration::from_secs(15 * 60), Duration::from_secs(10 * 60)),
];

/// The age at which polling ends and a person has to look.
const POLL_END: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause before the next question for an order of that age; `None` when it is too old to be
/// asked for any more.
#[must_use]
pub fn next_poll(age: Duration) -> Option<Duration> {
    if age >= POLL_END {
        return None;
    }
    POLL_STEPS.iter().rev().find(|(from, _)| age >= *from).map(|(_, pause)| *pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_come_less_and_less_often_for_a_day() {
        let mut age = Duration::ZERO;
        let mut pauses = Vec::new();
        while let Some(pause) = next_poll(age) {
            age += pause;
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses[..5], [1, 2, 5, 10, 30]);
        assert!(pauses.is_sorted());
        let minutes = pauses.iter().filter(|pause| **pause == 60).count();
        assert_eq!(minutes, 15, "each minute up to a quarter of an hour");
        let (day, ten_minutes) = (24 * 60 * 60, 10 * 60);
        assert!((day..day + ten_minutes).contains(&age.as_secs()), "{age:?}");
    }
}
