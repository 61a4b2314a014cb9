//! What people ask of a desk: who may, what is written, what is signed. Not here: what they see (`cases`).

use raccordo_proto::ids::{AgencyId, CaseId, Digest, EquipeId, LetterId, RequestId, ThreadId};
use raccordo_proto::limits::{LETTER_BYTES_MAX, LINE_CHARS_MAX, RETURNED_BYTES, TEXT_CHARS_MAX};
use raccordo_proto::sign::Signer;
use raccordo_proto::wire::Capability;
use raccordo_proto::{Directory, Timestamp};
use rand_core::CryptoRng;

use super::{Act, Command, Desk, Pen, only, queued};
use crate::answer::{Answer, Done};
use crate::autorizzazione::{self, Cosa};
use crate::case::{Case, commitment};
use crate::codice::Codice;
use crate::dates;
use crate::destination::Destination;
use crate::letter::{Letter, Payload, SignedLetter};
use crate::record::{Change, Record};
use crate::refusal::{Refusal, Rule};
use crate::roles::Operator;
use crate::segnalazione::{self, Referral};
use crate::step::{Effect, Step};
use crate::threads::ChainId;
use crate::wire::{self, CaseOpened};

/// The question, the person, once she is known, and what a letter is written with.
pub(super) struct Asked<'a, S, R> {
    pub(super) ticket: u64,
    pub(super) operator: &'a Operator,
    pub(super) pen: Pen<'a, S, R>,
}

/// What is to be written, before it has an id, a place in its chain and a signature.
pub(super) struct Draft {
    case_id: CaseId,
    thread: ThreadId,
    recipients: Vec<AgencyId>,
    equipe: Option<EquipeId>,
    payload: Payload,
    in_reply_to: Option<Digest>,
}

impl Draft {
    /// To one office, in a thread of its own.
    pub(super) fn of_transport(case_id: CaseId, to: AgencyId, payload: Payload, rng: &mut impl CryptoRng) -> Self {
        let thread = ThreadId::new(random(rng));
        Self { case_id, thread, recipients: vec![to], equipe: None, payload, in_reply_to: None }
    }
}

impl Desk {
    pub(super) fn command(&self, command: Command, pen: Pen<'_, impl Signer, impl CryptoRng>) -> Result<Step, Refusal> {
        let Command { ticket, caller, act } = command;
        if let Some(done) = self.people(ticket, &caller, &act, pen.rng) {
            return Ok(done?);
        }
        let operator = self.operators.recognise(&caller)?;
        let now = pen.now;
        let asked = Asked { ticket, operator, pen };
        match act {
            Act::Segnala { modulo, to, faults, request } => {
                self.once(request, ticket, || self.segnala(asked, &modulo, &to, faults, request))
            }
            Act::Disclose { codice, office, request } => {
                self.once(request, ticket, || Ok(self.disclose(asked, &codice, &office, request)?))
            }
            Act::Riscontro { codice, riscontro, request } => {
                check_texts([&riscontro.chi_segue, &riscontro.telefono], &riscontro.testo)?;
                dates::parse(&riscontro.entro_il).filter(|day| !dates::is_over(*day, now)).ok_or(Rule::BadDate)?;
                self.once(request, ticket, || Ok(self.answer(asked, &codice, Payload::Riscontro(riscontro), request)?))
            }
            Act::Take { codice, presa, request } => {
                check_texts([&presa.chi_segue, &presa.telefono], &presa.testo)?;
                self.once(request, ticket, || Ok(self.answer(asked, &codice, Payload::PresaInCarico(presa), request)?))
            }
            Act::Inbox => Ok(only(Effect::Answer { ticket, answer: Answer::Inbox(self.inbox(operator)) })),
            Act::Outbox => Ok(only(Effect::Answer { ticket, answer: Answer::Outbox(self.outbox_rows(operator, now)) })),
            Act::Show { codice } => Ok(only(Effect::Answer { ticket, answer: self.show(operator, &codice)? })),
            Act::Export { codice } => Ok(only(Effect::Answer { ticket, answer: self.export(operator, &codice)? })),
            Act::EraseCase { codice } => Ok(self.erase_case(asked, &codice)?),
            Act::AcceptKey { office, ik, codice } => Ok(self.accept_key(asked, &office, ik, codice.as_deref())?),
            // The people of this office were told above.
            Act::AddOperator { .. } | Act::DisableOperator { .. } | Act::Operators => Ok(Step::default()),
        }
    }

    /// C3: a retry carries the same request id, finds the letter that the first one wrote, and writes nothing.
    fn once(&self, request: RequestId, ticket: u64, act: impl FnOnce() -> Result<Step, Refusal>) -> Result<Step, Refusal> {
        let Some(outgoing) = self.requests.get(&request).and_then(|letter| self.outbox.get(*letter)) else { return act() };
        Ok(only(Effect::Answer { ticket, answer: Answer::Done(Done::of(outgoing.letter.letter())) }))
    }

    fn segnala(
        &self,
        asked: Asked<'_, impl Signer, impl CryptoRng>,
        modulo: &wire::Modulo,
        to: &Destination,
        faults: Vec<wire::Fault>,
        request: RequestId,
    ) -> Result<Step, Refusal> {
        let directory = self.known_directory()?;
        let may_refer = directory.agency(&self.me).is_some_and(|me| me.can(Capability::Segnala));
        if !asked.operator.may_create() || !may_refer {
            return Err(Rule::Role.into());
        }
        let desk = segnalazione::Desk { directory, me: &self.me, now: asked.pen.now };
        let Referral { mut segnalazione, equipe, recipients, riservata_per, scheda } =
            segnalazione::read(modulo, to, faults, &desk)?;
        if directory.is_expired(asked.pen.now) {
            return Err(Rule::DirectoryExpired { expires: directory.expires() }.into());
        }
        let case_id = CaseId::new(random(asked.pen.rng));
        let r: [u8; 32] = random(asked.pen.rng);
        segnalazione.commitment = match &scheda {
            Some(scheda) => commitment(&r, scheda).to_vec(),
            None => r.to_vec(),
        };
        let opened = CaseOpened {
            case_id: case_id.as_bytes().to_vec(),
            operator: asked.operator.pseudonym.clone(),
            chi_non_deve_sapere: modulo.chi_non_deve_sapere.clone(),
            autorizzazioni: modulo.autorizzazioni.clone(),
            riservata_per: riservata_per.iter().map(ToString::to_string).collect(),
            r: scheda.as_ref().map_or_else(Vec::new, |_| r.to_vec()),
            scheda_riservata: scheda.unwrap_or_default(),
        };
        let draft = Draft {
            case_id,
            thread: ThreadId::new(random(asked.pen.rng)),
            recipients,
            equipe,
            payload: Payload::Segnalazione(segnalazione),
            in_reply_to: None,
        };
        let opened = Record(Change::CaseOpened(opened));
        Ok(self.write(asked, vec![opened], draft, request)?)
    }

    fn disclose(
        &self,
        asked: Asked<'_, impl Signer, impl CryptoRng>,
        codice: &str,
        office: &str,
        request: RequestId,
    ) -> Result<Step, Rule> {
        let case = self.own_case(asked.operator, codice)?;
        let (Some(opened), Some(first)) = (&case.opened, case.segnalazione()) else { return Err(Rule::CodiceInesistente) };
        let unknown = || Rule::UnknownOffice { ufficio: office.to_owned() };
        let office = AgencyId::parse(office).map_err(|_| unknown())?;
        if !first.letter.letter().recipients.contains(&office) {
            return Err(unknown());
        }
        let (scheda, r) = opened.scheda.clone().ok_or(Rule::NoParteRiservata)?;
        let meant = opened.riservata_per.iter().any(|name| name == office.as_str());
        if !meant || !autorizzazione::allows(&opened.autorizzazioni, &office, Cosa::AncheChiSono, asked.pen.now) {
            return Err(Rule::NoAuthorisation { ufficio: office.to_string() });
        }
        if case.has_disclosed_to(&office) {
            return Err(Rule::AlreadySent { ufficio: office.to_string() });
        }
        let directory = self.known_directory()?;
        if directory.is_expired(asked.pen.now) {
            return Err(Rule::DirectoryExpired { expires: directory.expires() });
        }
        let digest = first.letter.digest();
        let payload = wire::ParteRiservata { segnalazione_digest: digest.as_bytes().to_vec(), r, scheda };
        let draft = Draft {
            case_id: case.id,
            thread: ThreadId::new(random(asked.pen.rng)),
            recipients: vec![office],
            equipe: None,
            payload: Payload::ParteRiservata(payload),
            in_reply_to: Some(digest),
        };
        self.write(asked, Vec::new(), draft, request)
    }

    /// Riscontro and presa in carico: a referente's word to the referrer and to the other addressed offices.
    fn answer(
        &self,
        asked: Asked<'_, impl Signer, impl CryptoRng>,
        codice: &str,
        payload: Payload,
        request: RequestId,
    ) -> Result<Step, Rule> {
        let case = self.arrived_case(asked.operator, codice)?;
        let first = case.segnalazione().ok_or(Rule::CodiceInesistente)?;
        let referral = first.letter.letter();
        let draft = Draft {
            case_id: case.id,
            thread: referral.thread,
            recipients: referral.audience().into_iter().filter(|office| *office != self.me).collect(),
            equipe: referral.equipe.clone(),
            payload,
            in_reply_to: Some(first.letter.digest()),
        };
        self.write(asked, Vec::new(), draft, request)
    }

    /// Signs what a person wrote, and queues it.
    fn write(
        &self,
        asked: Asked<'_, impl Signer, impl CryptoRng>,
        mut records: Vec<Record>,
        draft: Draft,
        request: RequestId,
    ) -> Result<Step, Rule> {
        let Asked { ticket, operator, mut pen } = asked;
        let directory = self.known_directory()?;
        let signed = self.sign(draft, &operator.pseudonym, directory, &mut pen).ok_or(Rule::LetterTooLarge)?;
        let letter = signed.letter();
        records.push(queued(&signed, Some(request)));
        let done = Done::of(letter);
        let announce = Effect::Announce { letter: letter.letter_id, recipients: letter.recipients.clone() };
        Ok(Step::new(records, vec![announce, Effect::Answer { ticket, answer: Answer::Done(done) }]))
    }

    /// Gives a draft its id and its place in the chain, and signs it; `None` if it is larger than a letter may be. Letters
    /// of a case leave room to be handed back.
    pub(super) fn sign(
        &self,
        draft: Draft,
        operator: &str,
        directory: &Directory,
        pen: &mut Pen<'_, impl Signer, impl CryptoRng>,
    ) -> Option<SignedLetter> {
        let chain = ChainId { thread: draft.thread, sender: self.me.clone(), store_epoch: self.epoch };
        let last = self.threads.last(&chain);
        let room = if draft.payload.is_transport() { 0 } else { RETURNED_BYTES };
        let letter = Letter {
            letter_id: LetterId::new(random(pen.rng)),
            thread: draft.thread,
            case_id: draft.case_id,
            sender: self.me.clone(),
            recipients: draft.recipients,
            equipe: draft.equipe,
            directory_version: directory.version(),
            head_hash: directory.head_hash(),
            created: pen.now,
            store_epoch: self.epoch,
            seq: last.as_ref().map_or(1, |last| last.seq + 1),
            previous: last.map(|last| last.digest),
            payload: draft.payload,
            operator: operator.to_owned(),
            in_reply_to: draft.in_reply_to,
        };
        let signed = SignedLetter::write(letter, pen.signer);
        (signed.bytes().len() <= LETTER_BYTES_MAX - room).then_some(signed)
    }

    /// A case of ours that this person may act on: its creator, or a referente.
    pub(super) fn own_case(&self, operator: &Operator, codice: &str) -> Result<&Case, Rule> {
        let case = self.find(codice)?;
        let opened = case.opened.as_ref().ok_or(Rule::CodiceInesistente)?;
        let may = opened.operator == operator.pseudonym || operator.is_referente();
        if may { Ok(case) } else { Err(Rule::CodiceInesistente) }
    }

    /// An arrived case, for a referente. For the others it does not exist; who knows that it does learns her role's limit.
    pub(super) fn arrived_case(&self, operator: &Operator, codice: &str) -> Result<&Case, Rule> {
        if !operator.is_referente() {
            return Err(Rule::NotReferente);
        }
        let case = self.find(codice)?;
        if case.opened.is_none() && case.segnalazione().is_some() { Ok(case) } else { Err(Rule::CodiceInesistente) }
    }

    pub(super) fn find(&self, codice: &str) -> Result<&Case, Rule> {
        let codice = Codice::parse(codice).map_err(|_| Rule::CodiceInesistente)?;
        let mut named = self.cases.range(codice.cases()).map(|(_, case)| case);
        named.find(|case| case.segnalazione().is_some()).ok_or(Rule::CodiceInesistente)
    }
}

pub(super) fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn check_texts(lines: [&String; 2], text: &str) -> Result<(), Rule> {
    if lines.iter().any(|line| line.chars().count() > LINE_CHARS_MAX) {
        return Err(Rule::TextTooLong { max: LINE_CHARS_MAX });
    }
    if text.chars().count() > TEXT_CHARS_MAX { Err(Rule::TextTooLong { max: TEXT_CHARS_MAX }) } else { Ok(()) }
}

impl Desk {
    /// Whether the parte riservata of a case of ours may go to this office now, and has not.
    pub(super) fn can_disclose(&self, case: &Case, office: &AgencyId, now: Timestamp) -> bool {
        case.opened.as_ref().is_some_and(|opened| {
            opened.scheda.is_some()
                && opened.riservata_per.iter().any(|name| name == office.as_str())
                && autorizzazione::allows(&opened.autorizzazioni, office, Cosa::AncheChiSono, now)
                && !case.has_disclosed_to(office)
        })
    }
}
