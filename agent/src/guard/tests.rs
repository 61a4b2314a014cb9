//! What the guard as a whole keeps.

use super::*;
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<Kind> {
    alarms(text).into_iter().map(|alarm| alarm.kind).collect()
}

#[test]
fn each_kind_is_told_as_itself() {
    assert_eq!(kinds("la signora Xhevahire cerca lavoro"), [Kind::Nome]);
    assert_eq!(kinds("chiamare dopo le 18: 0372/00.00.00"), [Kind::Telefono]);
    assert_eq!(kinds("scrivere a prova_00 chiocciola esempio punto it"), [Kind::Email]);
    assert_eq!(kinds("abita in v.le Po, 12"), [Kind::Indirizzo]);
    assert_eq!(kinds("cf rss mra 85t50 z999w"), [Kind::CodiceFiscale]);
    assert_eq!(kinds("passaporto n. YA 0000001"), [Kind::Documento]);
    assert_eq!(kinds("nata il quattro maggio"), [Kind::DataNascita]);
    assert_eq!(kinds("Adelina, tel 333.0002233, via del Sale 14"), [Kind::Nome, Kind::Telefono, Kind::Indirizzo]);
}

#[test]
fn ordinary_needs_are_no_alarm() {
    for text in ["", " ", "Un lavoro vicino a casa, di mattina.", "corso di italiano A2", "Serena e motivata", "via mail"] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

/// A municipality is no person, whatever its name is; and a person is none because a municipality is called so.
#[test]
fn where_she_can_go_is_no_alarm() {
    let cried: Vec<&str> =
        crate::comuni::names().filter(|name| !kinds(&format!("Cerca lavoro a {name}, di mattina.")).is_empty()).collect();
    assert_eq!(cried, [""; 0]);
    assert_eq!(kinds("corso a Torre de' Picenardi o in zona Rivarolo del Re ed Uniti"), []);
    assert_eq!(kinds("chiedere a Fatou, a Soresina"), [Kind::Nome]);
    assert_eq!(kinds("chiamare Silvano, poi si vedrà"), [Kind::Nome]);
}

#[test]
fn an_alarm_says_where() {
    let text = "è ospite di Oksana, poi si vedrà";
    let places: Vec<_> = alarms(text).into_iter().map(|alarm| &text[alarm.from..alarm.to]).collect();
    assert_eq!(places, ["Oksana"]);
}

#[test]
fn no_more_is_read_than_a_form_may_hold() {
    let text = format!("{}Oksana", "a ".repeat(TEXT_CHARS_MAX));
    assert_eq!(alarms(&text), []);
}

/// Pieces of what detectors look for, put together by chance: they reach further than arbitrary characters.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "via ", "v.le ", "cf ", "tel ", "nata il ", "333 ", "@", ". ", "sig.ra ", "C.F.", "c.so ", "12", "/", "Rosa ", "È ",
        "al ", "scala ", "int. ", "due ", "(", ")", "Xena ", "d'", "\n", "\u{301}", "İ", "ß", "你", "🙂", "0O0", "ABC", "a1",
        "\u{a0}", "«",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

/// Alarms lie in the text, in order and apart.
fn lie_in(text: &str) {
    let mut last = 0;
    for alarm in alarms(text) {
        assert!(alarm.from >= last && alarm.from < alarm.to, "{text:?}");
        assert!(text.get(alarm.from..alarm.to).is_some(), "{text:?}");
        last = alarm.to;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn alarms_of_any_text_lie_in_it(text in any::<String>()) {
        lie_in(&text);
    }

    #[test]
    fn alarms_of_any_pieces_lie_in_them(text in pieces()) {
        lie_in(&text);
    }

    #[test]
    fn spaces_at_the_end_change_nothing(text in pieces(), spaces in "[ \t\n]{0,5}") {
        prop_assert_eq!(alarms(&text), alarms(&(text.clone() + &spaces)));
    }
}
