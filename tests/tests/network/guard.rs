//! The guard of the scheda minima by the commands a person types: what tells who she is stops a form and an answer, is told by
//! field and kind without the text, and goes once the person says that she has checked.
//!
//! Not here: what the guard sees and how well (the agent's `guard`, `tests/tests/guard`).

use anyhow::ensure;
use raccordo_certs_dev::cast::{cav, cpi};
use raccordo_tests::processes::{Form, World};

use crate::journey;
use crate::refusals::{cav_alone, nothing_was_written};

fn named() -> Form {
    Form { bisogno: "Un lavoro; chiamare Fatou al 333 0000123.".to_owned(), ..Form::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_tells_who_she_is_stops_and_goes_once_it_was_checked() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let (file, person) = (world.write_form("modulo.toml", &named().text())?, world.pseudonym(&cav())?);
    let words = ["segnala", file.as_str(), "--equipe", "cremona", "--operator", person.as_str()];
    let told = world.say(&cav(), &words).await?;
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
    for sentence in [
        "non è stato scritto né inviato nulla.",
        "modulo.toml: di_che_cosa_ha_bisogno: sembra esserci il nome di una persona",
        "modulo.toml: di_che_cosa_ha_bisogno: sembra esserci un numero di telefono",
        "ripeti con --checked",
    ] {
        assert!(told.err.contains(sentence), "«{sentence}» is not in\n{}", told.err);
    }
    assert!(!told.err.contains("Fatou") && !told.err.contains("0000123"), "{told:?}");
    nothing_was_written(&world).await?;
    let sent = world.say(&cav(), &[&words[..], &["--checked"]].concat()).await?;
    assert_eq!(sent.code, 3, "written, and no gateway is there: {sent:?}");
    assert!(sent.out.contains("scritta, firmata e al sicuro in questo ufficio."), "{sent:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_together_make_her_recognisable_are_named_and_go_once_they_were_checked() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let few = "fascia_eta = \"30-39\"\n";
    let text = Form::default().text().replace(few, &format!("{few}lingua = \"tigrino\"\nserve_mediazione = true\n"));
    let (file, person) = (world.write_form("modulo.toml", &text)?, world.pseudonym(&cav())?);
    let words = ["segnala", file.as_str(), "--equipe", "cremona", "--operator", person.as_str()];
    let told = world.say(&cav(), &words).await?;
    let sentence = "insieme questi dati possono renderla riconoscibile in un territorio piccolo: \
                    fascia_eta, lingua, serve_mediazione. Togli quelli che non servono; se servono tutti, ripeti con --checked";
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
    assert!(told.err.contains(sentence) && !told.err.contains("tigrino"), "{told:?}");
    nothing_was_written(&world).await?;
    let sent = world.say(&cav(), &[&words[..], &["--checked"]].concat()).await?;
    assert_eq!(sent.code, 3, "written, and no gateway is there: {sent:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_names_her_stops_and_goes_once_it_was_checked() -> anyhow::Result<()> {
    let mut world = World::create()?;
    world.start_gateway().await?;
    world.attach(&[cav(), cpi()]).await?;
    world.add_person(&cav()).await?;
    let codice = journey::segnala(&world, &Form::default()).await?;
    world.delivered(&cav(), &cpi(), 1).await?;
    world.add_person(&cpi()).await?;
    let person = world.pseudonym(&cpi())?;
    let who = ["--chi-segue", "referente", "--telefono", "0372 000001", "--testo", "ne parli con Fatou"];
    let words = [&["inbox", "take", &codice, "--operator", &person][..], &who].concat();
    let told = world.say(&cpi(), &words).await?;
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
    assert!(told.err.contains("La risposta non è stata scritta né inviata."), "{told:?}");
    assert!(told.err.contains("\ntesto: sembra esserci il nome di una persona"), "{told:?}");
    ensure!(!told.err.contains("Fatou") && !told.err.contains("telefono:"), "{told:?}");
    let taken = world.say(&cpi(), &[&words[..], &["--checked"]].concat()).await?;
    assert_eq!(taken.code, 0, "{taken:?}");
    Ok(())
}
