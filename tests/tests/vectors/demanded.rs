//! Which rules and codes must have a vector: every rule that docs/PROTOCOL.md defines and every value of `Code`. One that
//! no file can show is excused here by name, with the reason and the test that shows it instead.
//! Not here: whether code and tests cite the rules (`tidy/rules.rs`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use raccordo_tests::results;
use raccordo_tests::specification::{codes, rules};

use crate::files;
use crate::format::Vector;

/// A rule or code without a vector.
struct Excused {
    what: &'static str,
    why: &'static str,
    /// The file and the function in it that show it.
    shown_by: Option<(&'static str, &'static str)>,
}

const fn shown(what: &'static str, why: &'static str, file: &'static str, test: &'static str) -> Excused {
    Excused { what, why, shown_by: Some((file, test)) }
}

const fn never(what: &'static str, why: &'static str) -> Excused {
    Excused { what, why, shown_by: None }
}

const BACK: &str = "tests/tests/town/back.rs";
const ARRIVALS: &str = "casework/tests/parsers/arrivals.rs";
const IN_WORDS: &str = "a file between two people: refused in words, without a code";
const INVITATION: &str = "proto/src/enrolment/invitation.rs";
const DEPOSITS: &str = "gateway/src/deposits.rs";
const RENEWAL: &str = "admin/src/renewal/tests.rs";
const ENROLMENT: &str = "admin/src/enrolment/tests.rs";
const BAD_REQUEST: &str = "a_request_that_breaks_a_rule_is_refused_for_it";
const BAD_ANSWER: &str = "an_answer_that_breaks_a_rule_is_refused_for_it";
const OTHERS_ANSWER: &str = "an_answer_is_for_one_request_and_its_keys_alone";
const POLICY: &str = "proto/tests/properties/policy.rs";
const ACTS: &str = "each_act_of_the_administration_has_its_code";
const ROUTER: &str = "gateway/src/router_tests.rs";

/// A file of enrolment: it goes from person to person, and is refused in words.
const fn in_words(what: &'static str, test: &'static str) -> Excused {
    shown(what, IN_WORDS, ENROLMENT, test)
}

/// The offer of an admin key: the same.
const fn offered(what: &'static str) -> Excused {
    let (file, test) = ("proto/src/directory/proposal/tests.rs", "an_offer_that_breaks_a_rule_is_refused_for_it");
    shown(what, IN_WORDS, file, test)
}

const RULES: [Excused; 40] = [
    offered("O-01"),
    offered("O-02"),
    offered("O-03"),
    offered("O-04"),
    in_words("A-01", BAD_REQUEST),
    in_words("A-02", BAD_REQUEST),
    in_words("A-03", BAD_REQUEST),
    in_words("A-04", BAD_REQUEST),
    in_words("A-05", BAD_REQUEST),
    in_words("A-06", BAD_REQUEST),
    in_words("A-07", BAD_ANSWER),
    in_words("A-08", BAD_ANSWER),
    in_words("A-09", BAD_ANSWER),
    in_words("A-10", OTHERS_ANSWER),
    in_words("A-11", OTHERS_ANSWER),
    in_words("A-12", OTHERS_ANSWER),
    in_words("A-13", OTHERS_ANSWER),
    in_words("A-14", BAD_ANSWER),
    shown("A-15", IN_WORDS, RENEWAL, "a_15_the_identity_key_is_that_of_a_machine_that_takes_part"),
    shown("A-16", IN_WORDS, RENEWAL, "a_16_an_old_request_that_is_sent_again_gets_nothing"),
    shown("A-17", IN_WORDS, RENEWAL, "a_17_from_day_minus_sixty_to_the_end_and_else_by_an_exception"),
    shown("A-18", IN_WORDS, "tests/tests/network/acts.rs", "a_18_another_trust_file_needs_its_words"),
    shown("A-19", IN_WORDS, INVITATION, "a_19_an_invitation_is_read_as_it_was_written_and_nothing_near_it"),
    shown("A-20", IN_WORDS, DEPOSITS, "a_20_to_a_22_a_code_lets_one_request_in_while_it_lasts"),
    shown("A-21", IN_WORDS, DEPOSITS, "a_20_to_a_22_a_code_lets_one_request_in_while_it_lasts"),
    shown("A-22", IN_WORDS, DEPOSITS, "a_20_to_a_22_a_code_lets_one_request_in_while_it_lasts"),
    shown("A-23", IN_WORDS, DEPOSITS, "a_23_a_call_is_an_admins_and_of_now"),
    shown("A-24", IN_WORDS, DEPOSITS, "a_24_an_answer_is_kept_for_its_request_and_once"),
    shown(
        "A-25",
        IN_WORDS,
        "proto/src/enrolment/online.rs",
        "a_25_an_answer_is_believed_of_the_administration_that_invited_alone",
    ),
    shown("A-26", IN_WORDS, INVITATION, "a_26_a_code_binds_one_request_and_shows_itself_to_nobody"),
    shown(
        "B-02",
        "what a restored sender does with its own letters; it refuses nothing",
        BACK,
        "a_restored_sender_has_its_own_letters_again_and_knows_who_has_them",
    ),
    shown(
        "B-04",
        "what heads say is asked for or recorded; it refuses nothing",
        "tests/tests/town/heads.rs",
        "heads_that_differ_are_an_alarm_and_cost_one_record_a_chain",
    ),
    shown("B-05", "the sender's own reason to wait", BACK, "an_office_with_a_new_key_gets_nothing_without_a_yes"),
    shown(
        "B-06",
        "an erased letter that comes is answered DUPLICATE: no refusal",
        "tests/tests/town/abuse.rs",
        "b_06_a_second_letter_under_the_id_of_an_erased_one_is_no_evidence",
    ),
    shown(
        "B-07",
        "a letter that comes back is taken: no refusal",
        "tests/tests/town/heads.rs",
        "a_store_that_was_put_back_from_an_older_copy_finds_out_and_is_given_what_it_lost",
    ),
    shown(
        "D-14",
        "the sender's own reason to wait; a receiver never refuses for it",
        "tests/tests/town/journey.rs",
        "past_expiry_segnalazioni_wait_and_answers_go_on",
    ),
    shown(
        "D-20",
        "what a letter names makes an office ask; it refuses nothing",
        "tests/tests/town/directories.rs",
        "two_documents_of_one_version_stop_the_sealing_until_one_supersedes_the_other",
    ),
    shown("K-06", "a lower card is dropped, without a code", ARRIVALS, "k_06_a_card_lower_than_the_highest_is_dropped"),
    shown("K-07", "of the office that makes the card", ARRIVALS, "k_07_a_number_is_spent_before_its_card_is_shown"),
    shown(
        "R-05",
        "what a sender makes of a refusal that counts",
        "tests/tests/tidy/codes.rs",
        "r_05_what_each_code_does_is_what_the_table_says",
    ),
];

const CODES: [Excused; 12] = [
    never("UNSPECIFIED", "never sent: r-02-refused-without-code holds it and is MALFORMED"),
    shown(
        "DIRECTORY_EXPIRED",
        "the sender's own reason to wait",
        "tests/tests/town/journey.rs",
        "past_expiry_segnalazioni_wait_and_answers_go_on",
    ),
    shown(
        "RECIPIENT_ABSENT",
        "a gateway's hint about who is attached, not about bytes",
        ROUTER,
        "what_cannot_go_now_is_refused_with_its_code",
    ),
    shown("AGENCY_EVICTED", "which act of the administration it was: refused where AGENCY_REVOKED is", POLICY, ACTS),
    shown("AGENCY_BANNED", "which act of the administration it was: refused where AGENCY_REVOKED is", POLICY, ACTS),
    shown("SUPERSEDED", "a Goodbye to the older of two attachments", ROUTER, "the_higher_attachment_wins"),
    shown("TOO_MANY", "a quota, not bytes", ROUTER, "nine_in_flight_is_one_too_many"),
    shown(
        "BUSY",
        "the 100,001st envelope to one key (E-13), which no file holds; and a gateway's full queue",
        "casework/src/courier/mod.rs",
        "e_13_a_key_that_has_seen_its_fill_is_busy",
    ),
    shown(
        "KEY_CHANGED",
        "never sent: the sender's own reason to wait",
        BACK,
        "an_office_with_a_new_key_gets_nothing_without_a_yes",
    ),
    never("NO_SPACE", "no peer is told it: an office whose disk is full stops before it answers"),
    never("READ_ONLY", "no peer is told it: the agent stops after a write that failed"),
    shown(
        "NOT_ACCEPTED",
        "what a peer is told for four others; a receiver counts which of them it is",
        "proto/src/code.rs",
        "the_four_oracle_codes_look_alike_to_a_peer",
    ),
];

fn read(path: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a folder of the workspace");
    fs::read_to_string(top.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is wrong between what is demanded, what is there, and what is excused.
fn misfits(demanded: &BTreeSet<String>, there: &BTreeSet<String>, excused: &[Excused]) -> Vec<String> {
    let is_excused = |what: &str| excused.iter().any(|row| row.what == what);
    let silent = demanded.iter().filter(|what| !there.contains(*what) && !is_excused(what));
    let unknown = there.iter().filter(|what| !demanded.contains(*what));
    let idle = excused.iter().filter(|row| there.contains(row.what) || !demanded.contains(row.what));
    let unshown = excused.iter().filter(|row| match row.shown_by {
        Some((file, test)) => !read(file).contains(&format!("fn {test}(")),
        None => row.why.is_empty(),
    });
    silent
        .map(|what| format!("{what} has no vector and no excuse"))
        .chain(unknown.map(|what| format!("{what} is known to vectors only")))
        .chain(idle.map(|row| format!("{} is excused for nothing", row.what)))
        .chain(unshown.map(|row| format!("{}: its excuse names no test that is there", row.what)))
        .collect()
}

fn vectors() -> Vec<Vector> {
    files().values().map(|text| Vector::parse(text)).collect()
}

#[test]
fn every_rule_and_every_code_has_a_vector_or_an_excuse() {
    let (vectors, rules) = (vectors(), rules(&read("docs/PROTOCOL.md")));
    let codes: BTreeSet<String> = codes().map(|code| code.name().to_owned()).collect();
    assert!(rules.len() >= 76 && codes.len() >= 31, "{} rules, {} codes", rules.len(), codes.len());
    let broken: BTreeSet<String> = vectors.iter().flat_map(|vector| vector.rules.clone()).collect();
    let given: BTreeSet<String> = vectors.iter().map(|vector| vector.code.clone()).collect();
    assert_eq!(misfits(&rules, &broken, &RULES), [""; 0]);
    assert_eq!(misfits(&codes, &given, &CODES), [""; 0]);
    println!("rules {} of {}, codes {} of {}", broken.len(), rules.len(), given.len(), codes.len());
    results::write("T8", "rules that a faulty file breaks", broken.len(), rules.len() - RULES.len(), file!());
    results::write("T8", "codes that a faulty file is refused with", given.len(), codes.len() - CODES.len(), file!());
}

#[test]
fn a_new_rule_or_code_without_a_vector_is_seen() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let planted = rules("| **E-01** a | **Z-99.** text | bold **text** | not **E-1** | E-77 |");
    assert_eq!(planted, set(&["E-01", "Z-99"]));
    let here = shown("Z-99", "why", "tests/tests/vectors/demanded.rs", "a_new_rule_or_code_without_a_vector_is_seen");
    assert_eq!(misfits(&planted, &set(&["E-01"]), &[]), ["Z-99 has no vector and no excuse"]);
    assert_eq!(misfits(&planted, &set(&["E-01"]), &[here]), [""; 0]);
    assert_eq!(misfits(&set(&["E-01"]), &set(&["E-01", "E-02"]), &[]), ["E-02 is known to vectors only"]);
    assert_eq!(misfits(&set(&["E-01"]), &set(&["E-01"]), &[never("E-01", "why")]), ["E-01 is excused for nothing"]);
    let gone = shown("Z-99", "why", "tests/tests/vectors/demanded.rs", "a_test_that_is_not_there");
    assert_eq!(misfits(&planted, &set(&["E-01"]), &[gone]), ["Z-99: its excuse names no test that is there"]);
}
