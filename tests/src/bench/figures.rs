//! Figures: what was measured in each round, the goal, the verdict; as JSON lines, as a table, as markdown.
//!
//! Not here: how anything is measured. A figure without a goal is for scale and gets no verdict.

use serde_json::{Value, json};

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    name: &'static str,
    unit: &'static str,
    /// One value per round.
    values: Vec<f64>,
    /// At most this.
    goal: Option<f64>,
    note: String,
}

impl Figure {
    /// A figure for scale.
    pub fn new(name: &'static str, unit: &'static str, values: Vec<f64>) -> Self {
        Self { name, unit, values, goal: None, note: String::new() }
    }

    /// Of each round, what was measured over what it is measured against; not more than `goal`.
    pub fn ratio(name: &'static str, measured: &[f64], floor: &[f64], goal: f64) -> Self {
        let values = measured.iter().zip(floor).map(|(measured, floor)| measured / floor).collect();
        Self { goal: Some(goal), ..Self::new(name, "ratio", values) }
    }

    /// Not more than `goal`.
    pub fn at_most(self, goal: f64) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Could not be measured, and why.
    pub fn not_measured(name: &'static str, why: &str) -> Self {
        Self::new(name, "", Vec::new()).with_note(why)
    }

    /// With a few words for the reader.
    pub fn with_note(mut self, note: &str) -> Self {
        self.note = note.to_owned();
        self
    }

    /// The median of its rounds.
    pub fn value(&self) -> Option<f64> {
        median(&self.values)
    }

    fn verdict(&self) -> Option<&'static str> {
        match (self.value(), self.goal) {
            (None, _) => Some("not measured"),
            (Some(value), Some(goal)) => Some(if value <= goal { "met" } else { "short" }),
            (Some(_), None) => None,
        }
    }

    fn least_and_most(&self) -> (f64, f64) {
        self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(*value), most.max(*value)))
    }

    /// One JSON line.
    pub fn json(&self) -> Value {
        let (least, most) = self.least_and_most();
        json!({
            "name": self.name, "value": self.value(), "unit": self.unit, "goal": self.goal, "verdict": self.verdict(),
            "min": least, "max": most, "rounds": self.values.len(), "note": self.note,
        })
    }

    fn cells(&self) -> [String; 5] {
        let (least, most) = self.least_and_most();
        let goal = self.goal.map(|goal| format!("≤ {goal}")).unwrap_or_default();
        let verdict = self.verdict().unwrap_or_default().to_owned();
        let Some(value) = self.value() else { return [self.name.to_owned(), self.note.clone(), String::new(), goal, verdict] };
        let range = format!("{} – {}", rounded(least), rounded(most));
        [self.name.to_owned(), format!("{} {}", rounded(value), self.unit), range, goal, verdict]
    }
}

/// The middle one.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => None,
        0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

/// Three digits that say something.
fn rounded(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

/// For a terminal.
pub fn table(figures: &[Figure]) -> String {
    let head = ["figure", "median", "min – max", "goal", "verdict"].map(str::to_owned);
    let rows = std::iter::once(head).chain(figures.iter().map(Figure::cells));
    rows.map(|[name, value, range, goal, verdict]| format!("{name:<42} {value:>16} {range:>20} {goal:>8}  {verdict}\n")).collect()
}

/// For docs/performance.md.
pub fn markdown(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let [name, value, range, goal, verdict] = figure.cells();
        format!("| `{name}` | {value} | {range} | {goal} | {verdict} |\n")
    };
    let head = "| figure | median | min – max | goal | verdict |\n|---|---:|---:|---:|---|\n";
    head.to_owned() + &figures.iter().map(row).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_round_by_round_and_judged_by_its_median() {
        let figure = Figure::ratio("x", &[10.0, 30.0, 12.0], &[10.0, 10.0, 10.0], 1.25);
        assert_eq!((figure.value(), figure.least_and_most()), (Some(1.2), (1.0, 3.0)));
        assert_eq!(figure.json()["verdict"], "met");
        assert_eq!(Figure::ratio("x", &[13.0], &[10.0], 1.25).json()["verdict"], "short");
    }

    #[test]
    fn what_was_not_measured_says_so_and_what_has_no_goal_is_not_judged() {
        let missing = Figure::not_measured("x", "no room");
        assert_eq!((missing.json()["verdict"].as_str(), missing.value()), (Some("not measured"), None));
        assert!(table(std::slice::from_ref(&missing)).contains("no room") && markdown(&[missing]).contains("| `x` | no room |"));
        assert!(Figure::new("x", "us", vec![1.0, 2.0]).json()["verdict"].is_null());
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
