//! Who is in a throwaway network: the cast of the demonstration, and the types with which tests write their own.
//!
//! Offices and people are invented. Not here: keys and folders (`network`).

use raccordo_admin::roster::{Equipe, Policy, Programme, Territory};
use raccordo_admin::territory;
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, EquipeId, GatewayId, NetworkId};
use raccordo_proto::wire::{AgencyKind, Capability, EquipeRole};

/// A person of an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What letters carry.
    pub pseudonym: String,
    /// Her name; never leaves the office.
    pub name: String,
    /// Her roles, as the command line takes them: `operatrice`, `referente`, `coordinamento`, `amministrazione`.
    pub ruoli: Vec<String>,
}

/// An office before it has keys.
#[derive(Clone, Debug)]
pub struct Player {
    /// Its id.
    pub id: AgencyId,
    /// Its name as people say it.
    pub office: String,
    /// Its legal person.
    pub body: String,
    /// What kind of office it is.
    pub kind: AgencyKind,
    /// Its ambito; empty when it has none.
    pub ambito: String,
    /// Its phone.
    pub phone: String,
    /// What it may do or receive.
    pub capabilities: Vec<Capability>,
    /// Its people.
    pub people: Vec<Person>,
}

/// A network before it has keys.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Its name; ends in `.invalid`.
    pub network: NetworkId,
    /// Its gateway.
    pub gateway: GatewayId,
    /// Its offices.
    pub players: Vec<Player>,
    /// Its équipes.
    pub equipes: Vec<Equipe>,
    /// Its programmes.
    pub programmes: Vec<Programme>,
    /// Municipalities and their ambito.
    pub territories: Vec<Territory>,
    /// Who may write to whom.
    pub policy: Policy,
}

/// An id that is written in this program.
fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("ids of the cast are slugs")
}

/// The CAV of the demonstration.
pub fn cav() -> AgencyId {
    agency("cav-ginestra")
}

/// The social service of the demonstration.
pub fn sociale() -> AgencyId {
    agency("sociale-rivabella")
}

/// The CPI of the demonstration.
pub fn cpi() -> AgencyId {
    agency("cpi-rivabella")
}

/// The SIL of the demonstration.
pub fn sil() -> AgencyId {
    agency("sil-rivabella")
}

/// The capofila of the demonstration.
pub fn capofila() -> AgencyId {
    agency("comune-capofila")
}

impl Cast {
    /// The demonstration's network: five offices, the équipe `cremona`, the programme `lia-2`.
    pub fn demo() -> Self {
        Self {
            network: NetworkId::parse("rete-demo.invalid").expect("a slug and .invalid"),
            gateway: GatewayId::parse("gw1").expect("a slug"),
            players: players(),
            equipes: vec![equipe()],
            programmes: vec![programme()],
            territories: territories(),
            policy: Policy::default(),
        }
    }

    /// One of its offices.
    pub fn player(&self, id: &AgencyId) -> Option<&Player> {
        self.players.iter().find(|player| player.id == *id)
    }
}

fn players() -> Vec<Player> {
    use Capability::{Riceve, Segnala, ServiziCpi, Valida};
    vec![
        Player {
            id: cav(),
            office: "CAV Ginestra".to_owned(),
            body: "Associazione Ginestra (nome di fantasia)".to_owned(),
            kind: AgencyKind::Cav,
            ambito: "cremona".to_owned(),
            phone: "0372 000001".to_owned(),
            capabilities: vec![Segnala, Riceve],
            people: person("op-3f9a", "Giulia B.", "operatrice"),
        },
        Player {
            id: sociale(),
            office: "Comune di Rivabella – Servizio sociale".to_owned(),
            body: "Comune di Rivabella".to_owned(),
            kind: AgencyKind::ServizioSociale,
            ambito: "cremona".to_owned(),
            phone: "0372 000002".to_owned(),
            capabilities: vec![Segnala, Riceve],
            people: person("op-71c2", "Marta L.", "referente"),
        },
        Player {
            id: cpi(),
            office: "Provincia – CPI di Rivabella".to_owned(),
            body: "Provincia".to_owned(),
            kind: AgencyKind::Cpi,
            ambito: "cremona".to_owned(),
            phone: "0372 000003".to_owned(),
            capabilities: vec![Riceve, ServiziCpi],
            people: person("op-0be4", "Paolo R.", "referente"),
        },
        Player {
            id: sil(),
            office: "Azienda sociale – SIL di Rivabella".to_owned(),
            body: "Azienda sociale di Rivabella".to_owned(),
            kind: AgencyKind::Sil,
            ambito: "cremona".to_owned(),
            phone: "0372 000004".to_owned(),
            capabilities: vec![Riceve],
            people: person("op-5d18", "Ines T.", "referente"),
        },
        Player {
            id: capofila(),
            office: "Comune di Rivabella – Pari opportunità (capofila)".to_owned(),
            body: "Comune di Rivabella".to_owned(),
            kind: AgencyKind::Comune,
            ambito: String::new(),
            phone: "0372 000005".to_owned(),
            capabilities: vec![Valida],
            people: person("op-9a60", "Carla V.", "referente"),
        },
    ]
}

fn person(pseudonym: &str, name: &str, ruolo: &str) -> Vec<Person> {
    vec![Person { pseudonym: pseudonym.to_owned(), name: name.to_owned(), ruoli: vec![ruolo.to_owned()] }]
}

fn equipe() -> Equipe {
    use EquipeRole::{Cav, Cpi, ServizioSociale, Sil};
    Equipe {
        id: EquipeId::parse("cremona").expect("a slug"),
        ambito: "cremona".to_owned(),
        members: vec![(cav(), Cav), (sociale(), ServizioSociale), (sil(), Sil), (cpi(), Cpi)],
        required_signatures: vec![Cav, ServizioSociale, Sil, Cpi],
    }
}

/// Of the province of Cremona, whole, by the import that an administration uses; two of its three ambiti have no équipe here.
fn territories() -> Vec<Territory> {
    territory::read(include_str!("../demo/territori.csv"), &[equipe()]).expect("a list without faults")
}

fn programme() -> Programme {
    Programme {
        id: "lia-2".to_owned(),
        title: "L.I.A. 2 (dati dimostrativi)".to_owned(),
        from: Timestamp::from_millis(1_735_689_600_000),  // 2025-01-01
        until: Timestamp::from_millis(2_051_222_400_000), // 2035-01-01
        capofila: capofila(),
        agencies: Vec::new(),
    }
}
