//! Who is in and until when: for each office and gateway, for the directory and for the CAs, the state, how long the
//! certificate lasts, what comes next and who must do it. The most urgent first.
//!
//! Not here: doing it, the clock (`now` is a parameter), how it is shown (`cli`).

use raccordo_proto::{Timestamp, wire};
use raccordo_terminal::text::Sentence;
use wire::State;

use crate::issued::{Issued, last_of};
use crate::names::Named as _;
use crate::review::Thing;
use crate::roster::keys_are_out;

/// On how many days before an end somebody is warned.
const WARNINGS_DAYS: [i64; 6] = [1, 3, 7, 14, 30, 60];
const DAY_MILLIS: i64 = 86_400_000;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An office or a gateway.
    Of(Thing),
    /// The signed directory.
    Directory,
    /// The CA that issues certificates.
    Issuing,
    /// The root above it.
    Root,
}

impl Subject {
    /// Its name in the catalogues and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Of(thing) => thing.id(),
            Self::Directory => "thing-directory",
            Self::Issuing => "thing-issuing",
            Self::Root => "thing-root",
        }
    }
}

/// How long a certificate, or a document, lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// There is none.
    None,
    /// There is one, and the network's folder does not know it.
    Unknown,
    /// Until then, and past its end if that is before now.
    Until(Timestamp),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// What was changed in the draft counts after a signature.
    Sign,
    /// The office asks, the administration approves.
    Enrol,
    /// The administration lets it back in, or revokes it.
    Resume,
    /// The office asks for a new certificate, the administration renews it.
    Renew,
    /// The same after its end: an approved exception.
    RenewExpired,
    /// The identity key ends: the machine is evicted, and the office enrols again.
    NewIdentity,
    /// Its keeper asks for the next certificate.
    RenewGateway,
    /// The directory is signed again.
    SignAgain,
    /// The CA ends: it is rotated.
    Rotate,
}

impl Action {
    /// Its sentence: what, and who must act.
    pub fn said(self) -> &'static str {
        match self {
            Self::Sign => "show-next-sign",
            Self::Enrol => "show-next-enrol",
            Self::Resume => "show-next-resume",
            Self::Renew => "show-next-renew",
            Self::RenewExpired => "show-next-renew-expired",
            Self::NewIdentity => "show-next-new-identity",
            Self::RenewGateway => "show-next-renew-gateway",
            Self::SignAgain => "show-next-sign-again",
            Self::Rotate => "show-next-rotate",
        }
    }
}

/// What comes next, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// What.
    pub action: Action,
    /// The last instant for it; none for what has no date.
    pub due: Option<Timestamp>,
}

/// One office, gateway, document or CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub subject: Subject,
    /// Which; empty where there is one only.
    pub id: String,
    /// In the signed directory.
    pub state: Option<State>,
    /// In the draft, where that differs.
    pub wanted: Option<State>,
    /// How long its certificate lasts.
    pub validity: Validity,
    /// What comes next.
    pub next: Option<Next>,
}

impl Row {
    /// Days left for what comes next, negative when they are over.
    pub fn days_left(&self, now: Timestamp) -> Option<i64> {
        self.next.and_then(|next| next.due).map(|due| days_between(now, due))
    }

    /// The warning that is due: the narrowest number of days that it is within; 0 when they are over.
    pub fn warning(&self, now: Timestamp) -> Option<i64> {
        let left = self.days_left(now)?;
        if left < 0 { Some(0) } else { WARNINGS_DAYS.into_iter().find(|days| left <= *days) }
    }

    /// The same as a sentence.
    pub fn warned(&self, now: Timestamp) -> Option<Sentence> {
        let (left, _) = (self.days_left(now)?, self.warning(now)?);
        let id = if left < 0 { "warning-over" } else { "warning-ends" };
        Some(Sentence::new(id, &[("thing", self.subject.id()), ("id", &self.id), ("days", &left.to_string())]))
    }

    /// What was not signed yet first, then by date, then what has none, and who is out last.
    fn urgency(&self, now: Timestamp) -> i64 {
        match self.next {
            None => i64::MAX,
            Some(Next { action: Action::Sign, .. }) => i64::MIN,
            Some(_) => self.days_left(now).unwrap_or(i64::MAX - 1),
        }
    }
}

/// Whole days from one instant to another; negative when it is over.
pub fn days_between(now: Timestamp, then: Timestamp) -> i64 {
    let millis = |at: Timestamp| i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    millis(then).saturating_sub(millis(now)).div_euclid(DAY_MILLIS)
}

/// What the network's folder knows.
pub struct Known<'a> {
    /// What was signed last.
    pub signed: &'a wire::Body,
    /// The network as it is wanted.
    pub wanted: &'a wire::Body,
    /// When what was signed ends; nothing was signed yet when absent.
    pub expires: Option<Timestamp>,
    /// Certificates that were issued.
    pub issued: &'a [Issued],
    /// Ends of issuing CA and root.
    pub authorities: [Option<Timestamp>; 2],
}

/// Every row, the most urgent first.
pub fn rows(known: &Known<'_>, now: Timestamp) -> Vec<Row> {
    let mut rows: Vec<Row> = known.wanted.agencies.iter().map(|wanted| office(known, wanted, now)).collect();
    rows.extend(known.wanted.gateways.iter().map(|wanted| gateway(known, wanted)));
    rows.push(directory(known));
    let authorities = [Subject::Issuing, Subject::Root].into_iter().zip(known.authorities);
    rows.extend(authorities.map(|(subject, until)| of_date(subject, until, Action::Rotate)));
    rows.sort_by(|one, other| (one.urgency(now), &one.id).cmp(&(other.urgency(now), &other.id)));
    rows
}

fn office(known: &Known<'_>, wanted: &wire::Agency, now: Timestamp) -> Row {
    let signed = known.signed.agencies.iter().find(|office| office.id == wanted.id);
    let state = signed.map(wire::Agency::state);
    let machine = wanted.agents.iter().find(|one| !keys_are_out(wanted.state(), one.state(), one.revoked_at != 0));
    let validity = machine.map_or(Validity::None, |machine| validity(known.issued, &machine.spki_sha256));
    let differs = |signed: &wire::Agency| signed.agents != wanted.agents || signed.state() != wanted.state();
    let next = if signed.map_or(machine.is_some(), differs) {
        Some(Next { action: Action::Sign, due: None })
    } else {
        next_of_office(wanted.state(), machine, validity, now)
    };
    Row {
        subject: Subject::Of(Thing::Office),
        id: wanted.id.clone(),
        state,
        wanted: Some(wanted.state()).filter(|wanted| state != Some(*wanted)),
        validity,
        next,
    }
}

fn next_of_office(state: State, machine: Option<&wire::Agent>, validity: Validity, now: Timestamp) -> Option<Next> {
    let undated = |action| Some(Next { action, due: None });
    match (state, machine) {
        (State::Revoked | State::Banned | State::Unspecified, _) => None,
        (State::Suspended, _) => undated(Action::Resume),
        (State::NotConnected, _) | (State::Active, None) => undated(Action::Enrol),
        (State::Active, Some(machine)) => {
            let identity = Timestamp::from_millis(machine.until);
            match validity {
                Validity::Until(until) if until <= identity => {
                    let action = if now > until { Action::RenewExpired } else { Action::Renew };
                    Some(Next { action, due: Some(until) })
                }
                Validity::None | Validity::Unknown | Validity::Until(_) => {
                    Some(Next { action: Action::NewIdentity, due: Some(identity) })
                }
            }
        }
    }
}

fn gateway(known: &Known<'_>, wanted: &wire::Gateway) -> Row {
    let signed = known.signed.gateways.iter().find(|gateway| gateway.id == wanted.id);
    let validity = validity(known.issued, &wanted.spki_sha256);
    let next = match validity {
        _ if signed != Some(wanted) => Some(Next { action: Action::Sign, due: None }),
        Validity::Until(until) => Some(Next { action: Action::RenewGateway, due: Some(until) }),
        Validity::None | Validity::Unknown => Some(Next { action: Action::RenewGateway, due: None }),
    };
    let state = signed.map(|_| State::Active);
    let wanted_state = Some(State::Active).filter(|_| signed.is_none());
    Row { subject: Subject::Of(Thing::Gateway), id: wanted.id.clone(), state, wanted: wanted_state, validity, next }
}

fn directory(known: &Known<'_>) -> Row {
    match known.expires {
        Some(_) => of_date(Subject::Directory, known.expires, Action::SignAgain),
        None => Row {
            next: Some(Next { action: Action::Sign, due: None }),
            validity: Validity::None,
            ..of_date(Subject::Directory, None, Action::Sign)
        },
    }
}

fn of_date(subject: Subject, until: Option<Timestamp>, action: Action) -> Row {
    let validity = until.map_or(Validity::Unknown, Validity::Until);
    Row { subject, id: String::new(), state: None, wanted: None, validity, next: Some(Next { action, due: until }) }
}

/// The certificate that ends last, of those for these keys.
fn validity(issued: &[Issued], keys: &[bytes::Bytes]) -> Validity {
    let keys: Vec<[u8; 32]> = keys.iter().filter_map(|key| key[..].try_into().ok()).collect();
    match last_of(issued, &keys) {
        _ if keys.is_empty() => Validity::None,
        Some(last) => Validity::Until(last.until),
        None => Validity::Unknown,
    }
}

/// The name of a state in both axes; «-» for what was not signed.
pub fn state_name(state: Option<State>) -> &'static str {
    state.map_or("-", |state| state.name())
}

#[cfg(test)]
mod tests;
