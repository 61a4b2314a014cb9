//! The closing table of a run, and its verdict: `cargo run -p raccordo-tests --bin results`. What `tests/run` itself has
//! counted is written with `results least|most ROW WHAT REACHED ASKED PLACE`, and what this machine cannot show with
//! `results absent ROW WHAT WHY PLACE`. Not here: what is asked (`raccordo_tests::verdict`), what tests have counted.

use anyhow::{Context as _, bail};
use raccordo_tests::{results, verdict};

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &str| text.parse::<usize>().with_context(|| format!("{text:?} is no number"));
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => verdict::of(&results::folder())?,
        ["least", row, what, reached, asked, place] => results::write(row, what, number(reached)?, number(asked)?, place),
        ["most", row, what, reached, asked, place] => results::write_at_most(row, what, number(reached)?, number(asked)?, place),
        ["absent", row, what, why, place] => results::write_not_run(row, what, why, place),
        _ => bail!("usage: results [least|most ROW WHAT REACHED ASKED PLACE | absent ROW WHAT WHY PLACE]"),
    }
    Ok(())
}
