//! What a person may get wrong, by the commands she types: what she is told, how the command ends, and that nothing was
//! written.
//!
//! Not here: each rule of a form (casework), what strangers on the network get wrong (`peers`).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use raccordo_admin::roster::Dates;
use raccordo_agent::api::EventKind;
use raccordo_certs_dev::cast::{Cast, cav};
use raccordo_certs_dev::network::Network;
use raccordo_certs_dev::temp::TempFolder;
use raccordo_machine::clock;
use raccordo_proto::ids::NetworkId;
use raccordo_tests::processes::{Form, Said, World, replace};

const DAY: Duration = Duration::from_secs(86_400);

/// The CAV alone, with its person and without a gateway.
pub async fn cav_alone() -> anyhow::Result<World> {
    let mut world = World::create()?;
    world.start_agent(&cav()).await?;
    world.add_person(&cav()).await?;
    Ok(world)
}

async fn segnala(world: &World, text: &str) -> anyhow::Result<Said> {
    let file = world.write_form("modulo.toml", text)?;
    let person = world.pseudonym(&cav())?;
    world.say(&cav(), &["segnala", &file, "--equipe", "cremona", "--operator", &person]).await
}

pub async fn nothing_was_written(world: &World) -> anyhow::Result<()> {
    let rows = world.rows(&cav(), &["outbox"]).await?;
    ensure!(rows.is_empty(), "{rows:?}");
    ensure!(world.status(&cav()).await?.queued == 0, "something is in the queue");
    ensure!(world.told(&cav())?.iter().all(|event| event.kind() != EventKind::Queued), "something was announced");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_form_is_told_all_at_once_in_italian_and_nothing_is_written() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let faulty = Form::default()
        .text()
        .replace("programma = \"lia-2\"", "programma = \"lia-99\"\ncolore = \"rosso\"")
        .replace("\"ORDINARIA\"", "\"SUBITO\"")
        .replace("\"ABITARE\"", "\"VOLARE\"")
        .replace("recapito_servizio = \"0372 000000\"\n", "")
        .replace("{ stato = \"IN_CORSO\" }", "{ stato = \"CONCLUSA\" }")
        .replace("fino_al = 2199-05-20", "fino_al = 2001-05-20");
    let told = segnala(&world, &faulty).await?;
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(told.out, "");
    let sentences = [
        "Nel modulo ci sono voci da correggere: non è stato scritto né inviato nulla.",
        "modulo.toml: colore: questa voce non esiste: controlla come è scritta",
        "modulo.toml: programma: questo programma non è nella rubrica della rete",
        "modulo.toml: urgenza: si può scrivere solo: ORDINARIA, URGENTE",
        "modulo.toml: aree_richieste: si può scrivere solo: LAVORO, ",
        "modulo.toml: recapito_servizio: è obbligatoria",
        "modulo.toml: in_carico.data: con CONCLUSA serve la data",
        "modulo.toml: autorizzazioni[1].fino_al: l'autorizzazione per «cpi-rivabella» è scaduta",
        "modulo.toml: autorizzazioni[3].fino_al: l'autorizzazione per «sil-rivabella» è scaduta",
    ];
    for sentence in sentences {
        assert!(told.err.contains(sentence), "«{sentence}» is not in\n{}", told.err);
    }
    assert!(!told.err.contains("VOLARE") && !told.err.contains("SUBITO"), "no value that was typed is told");
    nothing_was_written(&world).await
}

/// Of a municipality the list and the directory decide, and the person is told what to do next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipality_that_leads_nowhere_is_told_in_words_and_nothing_is_written() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let (file, person) = (world.write_form("modulo.toml", &Form::default().text())?, world.pseudonym(&cav())?);
    let capofila = "Comune di Rivabella – Pari opportunità (capofila) (0372 000005)";
    let no_equipe = format!("\n--comune: nessuna équipe per l'ambito «crema»: telefona a {capofila} per sapere a chi rivolgerti");
    for (comune, sentence) in [
        ("Crema", no_equipe.as_str()),
        ("019035", &no_equipe),
        ("Varese", "\n--comune: la rubrica della rete non dice a quale ambito appartiene questo comune"),
        ("sores", "\n--comune: nessun comune ha proprio questo nome. Forse: Soresina\n"),
        ("cast", "(e altri "),
        ("Borgo Inventato", "\n--comune: nessun comune della Lombardia ha questo nome o questo codice ISTAT"),
    ] {
        let told = world.say(&cav(), &["segnala", &file, "--comune", comune, "--operator", &person]).await?;
        ensure!(told.code == 2 && told.out.is_empty() && told.err.contains(sentence), "{comune}: {told:?}");
    }
    let told = world.say(&cav(), &["segnala", &file, "--cpi", "cpi-rivabella", "--operator", &person]).await?;
    ensure!(told.code == 2 && told.err.contains("tipo_richiesta: si invia a un'équipe: --comune NOME"), "{told:?}");
    let told = world.say(&cav(), &["segnala", &file, "--operator", &person]).await?;
    ensure!(told.code == 2 && told.err.contains("--comune <COMUNE>|--equipe <ID>|--cpi <ID>|--ufficio <ID>"), "{told:?}");
    let told = world.say(&cav(), &["segnala", &file, "--comune", "", "--operator", &person]).await?;
    ensure!(told.code == 2 && told.out.is_empty(), "a name without letters: {told:?}");
    nothing_was_written(&world).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_is_sent_to_112_and_1522_and_nothing_is_written() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let told = segnala(&world, &Form { urgenza: "EMERGENZA".to_owned(), ..Form::default() }.text()).await?;
    assert_eq!(told.code, 2, "{told:?}");
    let sentence = "Raccordo non è un canale d'emergenza. In pericolo: 112. Ascolto 24 ore su 24: 1522.";
    assert!(told.err.contains(sentence), "{told:?}");
    nothing_was_written(&world).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parte_riservata_without_authorisation_is_refused_by_name_before_anything_is_written() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let told = segnala(&world, &Form { riservata_per: vec!["sociale-rivabella".to_owned()], ..Form::default() }.text()).await?;
    assert_eq!(told.code, 4, "{told:?}");
    assert!(told.err.contains("Manca un'autorizzazione valida della donna perché «sociale-rivabella» sappia chi è."), "{told:?}");
    nothing_was_written(&world).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_gateway_the_letter_is_safe_and_the_outbox_says_why_it_waits_and_since_when() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let told = segnala(&world, &Form::default().text()).await?;
    assert_eq!(told.code, 3, "{told:?}");
    assert!(told.out.contains("scritta, firmata e al sicuro in questo ufficio."), "{told:?}");
    assert!(told.err.contains("è al sicuro nella posta in uscita e partirà da sola."), "{told:?}");
    let person = world.pseudonym(&cav())?;
    let outbox = world.say(&cav(), &["outbox", "--operator", &person]).await?;
    let since = outbox.out.lines().filter_map(|line| line.split_once("in coda: il gateway non è raggiungibile, dal "));
    assert_eq!(since.filter(|(_, since)| since.starts_with(|c: char| c.is_ascii_digit())).count(), 3, "{outbox:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_agent_the_command_says_so() -> anyhow::Result<()> {
    let world = World::create()?;
    let told = segnala(&world, &Form::default().text()).await?;
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.err.starts_with("L'agente di questo ufficio non è in funzione (nessuna risposta da "), "{told:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_the_directorys_end_no_segnalazione_leaves_and_the_sentence_says_why() -> anyhow::Result<()> {
    let now = clock::now();
    let dates = Dates { issued: now.minus(DAY * 300), expires: now.minus(DAY * 20) };
    let mut world = World::create_with(&Cast::demo(), dates)?;
    world.start_gateway().await?;
    world.attach(&[cav()]).await?;
    world.add_person(&cav()).await?;
    let told = segnala(&world, &Form::default().text()).await?;
    assert_eq!(told.code, 4, "{told:?}");
    assert!(told.err.starts_with("La rubrica della rete è scaduta il "), "{told:?}");
    assert!(told.err.contains("non si possono inviare nuove segnalazioni finché"), "{told:?}");
    nothing_was_written(&world).await
}

/// Flips one bit in the middle of a file.
fn tamper(file: &Path) -> anyhow::Result<()> {
    let mut bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).with_context(|| file.display().to_string())
}

/// The trust file of a network that is called `name`.
fn trust_of(name: &str) -> anyhow::Result<Vec<u8>> {
    let folder = TempFolder::create("raccordo-test").context("a folder")?;
    let cast = Cast { network: NetworkId::parse(name).context("a name")?, ..Cast::demo() };
    let other = Network::create(folder.path(), &cast)?;
    fs::read(other.gateway().trust()).context("a trust file")
}

async fn agent_stops(spoil: impl Fn(&Network) -> anyhow::Result<()>, sentence: &str) -> anyhow::Result<()> {
    let world = World::create()?;
    spoil(&world.network)?;
    let told = world.say(&cav(), &["serve"]).await?;
    ensure!(told.code == 5 && told.err.contains(sentence), "{told:?}");
    Ok(())
}

async fn gateway_stops(spoil: impl Fn(&Network) -> anyhow::Result<()>, sentence: &str) -> anyhow::Result<()> {
    let world = World::create()?;
    spoil(&world.network)?;
    let told = world.gateway_says(&["--dev", "serve"]).await?;
    ensure!(told.code == 5 && told.err.contains(sentence), "{told:?}");
    ensure!(!world.network.gateway().address().exists(), "it has listened");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_without_a_verified_directory_does_not_start() -> anyhow::Result<()> {
    let directory = |network: &Network| network.agent(&cav()).directory();
    let remove = |network: &Network| fs::remove_file(directory(network)).context("removed");
    agent_stops(remove, "La rubrica della rete manca: ").await?;
    agent_stops(|network| tamper(&directory(network)), "non è verificata").await?;
    agent_stops(|network| Ok(fs::write(directory(network), "no directory")?), "non è verificata").await?;
    let (stranger, namesake) = (trust_of("altra-rete.invalid")?, trust_of("rete-demo.invalid")?);
    let trust = |network: &Network, bytes: &[u8]| fs::write(network.agent(&cav()).trust(), bytes).context("written");
    agent_stops(|network| trust(network, &stranger), "manca, non è leggibile o è di un'altra rete").await?;
    agent_stops(|network| trust(network, &namesake), "non è verificata").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_without_a_verified_directory_does_not_start() -> anyhow::Result<()> {
    let directory = |network: &Network| network.gateway().directory();
    let remove = |network: &Network| fs::remove_file(directory(network)).context("removed");
    gateway_stops(remove, "verification: the directory ").await?;
    gateway_stops(|network| tamper(&directory(network)), "verification: the directory ").await?;
    let (stranger, namesake) = (trust_of("altra-rete.invalid")?, trust_of("rete-demo.invalid")?);
    let trust = |network: &Network, bytes: &[u8]| fs::write(network.gateway().trust(), bytes).context("written");
    gateway_stops(|network| trust(network, &stranger), "verification: ").await?;
    gateway_stops(|network| trust(network, &namesake), "verification: the directory ").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tls_key_that_others_may_read_is_refused_by_agent_and_gateway() -> anyhow::Result<()> {
    let world = World::create()?;
    let open = |key: &Path| fs::set_permissions(key, fs::Permissions::from_mode(0o644)).context("a key of ours");
    open(&world.network.agent(&cav()).key())?;
    let agent = world.say(&cav(), &["serve"]).await?;
    assert_eq!(agent.code, 1, "{agent:?}");
    assert!(agent.err.contains("key.pem può essere letta da altri. Esegui «chmod 600 "), "{agent:?}");
    open(&world.network.gateway().key())?;
    let gateway = world.gateway_says(&["--dev", "check-config"]).await?;
    assert_eq!(gateway.code, 2, "{gateway:?}");
    assert!(gateway.err.contains("key.pem may be read by others than its owner: run chmod 600 "), "{gateway:?}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_written_is_a_failure() -> anyhow::Result<()> {
    let world = cav_alone().await?;
    let person = world.pseudonym(&cav())?;
    for more in [&[][..], &["--json"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").context("a disk that is full")?;
        let told = world.say_into(&cav(), &[&["outbox", "--operator", &person], more].concat(), full).await?;
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.err.starts_with("Non riesco a scrivere la risposta ("), "{told:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throwaway_network_needs_dev() -> anyhow::Result<()> {
    let world = World::create()?;
    let agent = world.say_in_earnest(&cav(), &["serve"]).await?;
    assert_eq!(agent.code, 2, "{agent:?}");
    assert_eq!(agent.err.trim(), "La rete «rete-demo.invalid» è una rete di prova: si usa solo con --dev.");
    let gateway = world.gateway_says(&["serve"]).await?;
    assert_eq!(gateway.code, 2, "{gateway:?}");
    assert!(gateway.err.contains("rete-demo.invalid") && gateway.err.contains("--dev"), "{gateway:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_key_of_a_configuration_is_named() -> anyhow::Result<()> {
    let world = World::create()?;
    replace(&world.network.agent(&cav()).config(), "[gateway]", "[gateway]\ncolore = \"rosso\"")?;
    let agent = world.say(&cav(), &["serve"]).await?;
    assert_eq!(agent.code, 2, "{agent:?}");
    assert!(agent.err.contains("agent.toml: gateway.colore: questa voce non esiste"), "{agent:?}");
    replace(&world.network.gateway().config(), "[listen]", "[listen]\ncolore = \"rosso\"")?;
    let gateway = world.gateway_says(&["--dev", "serve"]).await?;
    assert_eq!(gateway.code, 2, "{gateway:?}");
    assert!(gateway.err.contains("unknown field `colore`"), "{gateway:?}");
    Ok(())
}
