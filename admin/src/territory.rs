//! A list of municipalities: `codice_istat,ambito` and, where somebody has added it, `equipe`. Every wrong row is said at
//! once, with its line.
//!
//! Not here: files.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use raccordo_proto::ids::ComuneId;
use raccordo_terminal::text::Sentence;

use crate::roster::{Equipe, Territory};

/// Reads a list; separated by commas or, as Italian spreadsheets write them, by semicolons. Lines that begin with `#` are
/// nobody's. The third column, where there is one, must be an équipe that serves the row's ambito, or empty where none does.
pub fn read(text: &str, equipes: &[Equipe]) -> Result<Vec<Territory>, Vec<Sentence>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1_usize..).filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
    let header = lines.next().map(|(line, _)| line.trim()).unwrap_or_default();
    let separator = if header.contains(';') { ';' } else { ',' };
    let columns: Vec<&str> = header.split(separator).map(bare).collect();
    if !matches!(columns[..], ["codice_istat", "ambito"] | ["codice_istat", "ambito", "equipe"]) {
        return Err(vec![Sentence::new("fault-csv-header", &[("header", header)])]);
    }
    let (mut faults, mut seen, mut rows) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (line, number) in lines {
        let cells: Vec<&str> = line.split(separator).map(bare).collect();
        let number_text = number.to_string();
        let mut fault = |id, value: &str| faults.push(Sentence::new(id, &[("line", &number_text), ("value", value)]));
        if cells.len() != columns.len() {
            fault("fault-csv-columns", line);
            continue;
        }
        let (istat, ambito) = (cells[0], cells[1]);
        if ComuneId::parse(istat).is_err() {
            fault("fault-csv-code", istat);
        } else if !is_known(istat) {
            fault("fault-csv-comune", istat);
        } else if seen.insert(istat.to_owned(), number).is_some() {
            fault("fault-csv-twice", istat);
        }
        if ambito.is_empty() {
            fault("fault-csv-ambito", istat);
        }
        if let Some(equipe) = cells.get(2).filter(|equipe| !serves(equipes, equipe, ambito)) {
            fault("fault-csv-equipe", equipe);
        }
        rows.push(Territory { istat: istat.to_owned(), ambito: ambito.to_owned() });
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Codes and names of Lombardy's municipalities, as the agents have them: they find no other by its name.
const COMUNI: &str = include_str!("../../agent/data/comuni-lombardia.csv");

/// Whether a code is that of a municipality that agents know.
pub fn is_known(istat: &str) -> bool {
    static CODES: LazyLock<HashSet<&str>> =
        LazyLock::new(|| COMUNI.lines().skip(1).filter_map(|line| line.split(',').next()).collect());
    CODES.contains(istat)
}

/// A cell without blanks and without the quotes that some programs write around each; no cell here holds a separator.
fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('"').trim()
}

fn serves(equipes: &[Equipe], equipe: &str, ambito: &str) -> bool {
    let mut serving = equipes.iter().filter(|one| one.ambito == ambito);
    if equipe.is_empty() { serving.next().is_none() } else { serving.any(|one| one.id.as_str() == equipe) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn equipes() -> Vec<Equipe> {
        document::read(document::tests::NETWORK).expect("good").roster.equipes
    }

    #[test]
    fn a_list_is_read_with_either_separator_and_with_or_without_equipes() {
        let read = |text: &str| read(text, &equipes()).expect("good").len();
        assert_eq!(read("# dati dimostrativi\ncodice_istat,ambito\n019101,cremona\n\n019035,crema\n"), 2);
        assert_eq!(read("\"codice_istat\";\"ambito\"\n\"019101\";\"cremona\"\n"), 1);
        assert_eq!(read("\u{feff}codice_istat;ambito;equipe\r\n019101;cremona;cremona\r\n019036;casalmaggiore;\r\n"), 2);
    }

    #[test]
    fn every_wrong_row_is_said_with_its_line() {
        let text = "codice_istat,ambito,equipe\n19101,cremona,cremona\n019101,cremona,crema\n019101,,\nx\n019102,cremona,\n";
        let faults = read(text, &equipes()).expect_err("faulty");
        let told: Vec<_> = faults.iter().map(|fault| (fault.id, fault.args[0].1.as_str())).collect();
        let expected = [
            ("fault-csv-code", "2"),
            ("fault-csv-equipe", "3"),
            ("fault-csv-twice", "4"),
            ("fault-csv-ambito", "4"),
            ("fault-csv-columns", "5"),
            ("fault-csv-equipe", "6"),
        ];
        assert_eq!(told, expected);
        assert_eq!(read("istat,ambito\n", &equipes()).expect_err("faulty")[0].id, "fault-csv-header");
        assert_eq!(read("", &equipes()).expect_err("faulty")[0].id, "fault-csv-header");
    }
}
