//! The table of results: what was reached, the goal, and the floor that it must not fall below.

use std::fmt;

/// A goal and a floor in one unit.
pub(super) struct Goal {
    goal: f64,
    floor: f64,
    unit: &'static str,
    more_is_better: bool,
}

impl Goal {
    /// More is better.
    pub(super) fn at_least(goal: f64, floor: f64, unit: &'static str) -> Self {
        Self { goal, floor, unit, more_is_better: true }
    }

    /// Less is better.
    pub(super) fn at_most(goal: f64, floor: f64, unit: &'static str) -> Self {
        Self { goal, floor, unit, more_is_better: false }
    }

    fn verdict(&self, reached: f64) -> &'static str {
        let holds = |limit| if self.more_is_better { reached >= limit } else { reached <= limit };
        match (holds(self.goal), holds(self.floor)) {
            (true, _) => "goal reached",
            (false, true) => "above the floor",
            (false, false) => "BELOW THE FLOOR",
        }
    }
}

/// Results in the order in which they were measured.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<(&'static str, f64, Goal)>,
}

impl Table {
    /// Adds one result.
    pub(super) fn add(&mut self, name: &'static str, reached: f64, goal: Goal) {
        self.rows.push((name, reached, goal));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:40}{:>12}{:>12}{:>12}", "", "reached", "goal", "floor")?;
        for (name, reached, goal) in &self.rows {
            let cells = [*reached, goal.goal, goal.floor].map(|x| format!("{x:.2} {}", goal.unit));
            let [reached_cell, goal_cell, floor_cell] = cells;
            write!(f, "{name:40}{reached_cell:>12}{goal_cell:>12}{floor_cell:>12}")?;
            writeln!(f, "   {}", goal.verdict(*reached))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_judged_in_both_directions() {
        let share = Goal::at_least(50.0, 30.0, "%");
        let latency = Goal::at_most(10.0, 25.0, "ms");
        for (goal, reached, verdict) in [
            (&share, 50.0, "goal reached"),
            (&share, 30.0, "above the floor"),
            (&share, 29.9, "BELOW THE FLOOR"),
            (&latency, 9.0, "goal reached"),
            (&latency, 25.0, "above the floor"),
            (&latency, 25.1, "BELOW THE FLOOR"),
        ] {
            assert_eq!(goal.verdict(reached), verdict, "{reached}");
        }
    }

    #[test]
    fn a_row_shows_what_was_reached_beside_what_was_wanted() {
        let mut table = Table::default();
        table.add("speed", 41.5, Goal::at_least(50.0, 30.0, "%"));
        let text = table.to_string();
        let row = text.lines().nth(1).unwrap();
        let words: Vec<_> = row.split_whitespace().collect();
        let wanted = "speed 41.50 % 50.00 % 30.00 % above the floor";
        assert_eq!(words.join(" "), wanted);
    }
}
