//! Other admins, another issuing CA, another CA root, keys that may only confirm. What changes the network's root goes into the
//! next version, which the old admins and the new ones sign; nothing else changes before.
//!
//! Not here: signing that version (`directory sign`, `ceremony`), renewing the leaves of offices and gateways.

use bytes::Bytes;
use raccordo_machine::clock;
use raccordo_machine::tls::{self, Usage};
use raccordo_machine::tls_key::TlsKey;
use raccordo_proto::certificate::spki_sha256;
use raccordo_proto::directory::update::Signers;
use raccordo_proto::enrolment::Chain;
use raccordo_proto::ids::{AgencyId, AgentId};
use raccordo_proto::{Directory, wire};
use raccordo_terminal::passphrase;
use serde_json::json;

use super::args_admins::RotateCommand;
use super::init::must_sign;
use super::join::{key_object, offered};
use super::network::{CERTIFICATES, Network};
use super::proposals::NEXT_ROOT;
use crate::authority::{Authority, AuthorityKeys, root_spki};
use crate::failure::{Exit, Failure};
use crate::key_file::{self, ADMIN, CONFIRM, ISSUING, ROOT};
use crate::log::Entry;
use crate::roots;
use crate::vault::OwnKeys;

/// Which confirm key this folder has, by its id: its key file says so to its passphrase alone.
const CONFIRM_ID: &str = "confirm.id";

impl Network<'_> {
    pub(super) fn rotate(&self, command: &RotateCommand) -> Result<(), Failure> {
        match command {
            RotateCommand::Admin { threshold, add, remove } => {
                let add = add.iter().map(|file| offered(file, &self.name)).collect::<Result<Vec<_>, _>>()?;
                self.next_root("rotate admin", |root| {
                    for typed in remove {
                        let gone = roots::meant(typed, &root.admin_keys)?.clone();
                        root.admin_keys.retain(|key| *key != gone);
                    }
                    root.admin_keys.extend(add);
                    root.threshold = threshold.unwrap_or(root.threshold);
                    Ok(())
                })
            }
            RotateCommand::Ca { rehearse: false } => self.rotate_issuing(),
            RotateCommand::Root { rehearse: false, finish: false } => self.rotate_root(),
            RotateCommand::Root { finish: true, .. } => self.finish_root(),
            RotateCommand::Ca { .. } => self.rehearse(|copy| copy.rotate_issuing()),
            RotateCommand::Root { .. } => self.rehearse(|copy| copy.rotate_root()),
            RotateCommand::ConfirmKey { remove: None } => self.new_confirm_key(),
            RotateCommand::ConfirmKey { remove: Some(typed) } => self.next_root("rotate confirm-key", |root| {
                let gone = roots::meant(typed, &root.confirm_keys)?.clone();
                root.confirm_keys.retain(|key| *key != gone);
                Ok(())
            }),
        }
    }

    /// Prepares the root of the next version: what it changes is said, and nobody is bound by it before that version is signed.
    fn next_root(&self, act: &'static str, change: impl FnOnce(&mut wire::Root) -> Result<(), Failure>) -> Result<(), Failure> {
        let (last, next) = self.changed_root(change)?;
        self.logged(&[Entry::about(act, &roots::named_in_change(&self.signers(Some(&last))?.root, &next.root))], None)?;
        self.folder.write(NEXT_ROOT, &next.trust_file(&self.name))?;
        self.told_rotation(&last)
    }

    fn changed_root(&self, change: impl FnOnce(&mut wire::Root) -> Result<(), Failure>) -> Result<(Directory, Signers), Failure> {
        let last = self.last()?.ok_or_else(super::directory::nothing_signed)?;
        let now = self.signers(Some(&last))?;
        let mut root = self.next_signers(Some(&last))?.root;
        change(&mut root)?;
        must_sign(&root)?;
        let version = if root == now.root { now.version } else { now.version.saturating_add(1) };
        Ok((last, Signers { version, root }))
    }

    fn told_rotation(&self, last: &Directory) -> Result<(), Failure> {
        let (now, next) = (self.signers(Some(last))?, self.next_signers(Some(last))?);
        let changes = roots::changes(&now.root, &next.root);
        self.screen.tell(&changes);
        self.screen.say(if changes.is_empty() { "done-rotate-nothing" } else { "done-rotate" }, &[]);
        if let Some(warning) = roots::warning(&next.root) {
            self.screen.warn(&[warning]);
        }
        let admins: Vec<_> = next.root.admin_keys.iter().map(key_object).collect();
        let confirm_keys: Vec<_> = next.root.confirm_keys.iter().map(key_object).collect();
        self.screen.object(&json!({
            "rotation": self.screen.told(&changes), "threshold": next.root.threshold, "admins": admins,
            "confirm_keys": confirm_keys, "root_version": next.version,
        }));
        Ok(())
    }

    fn new_confirm_key(&self) -> Result<(), Failure> {
        // Of its own: whoever may only confirm opens nothing else.
        self.no_confirm_key()?;
        let passphrase = passphrase::new_one(self.screen.texts(), self.passphrase_file())?;
        let own = OwnKeys::draw(&mut clock::rng());
        let (last, next) = self.changed_root(|root| {
            root.confirm_keys.push(own.public());
            Ok(())
        })?;
        let (key, id) = (key_file::seal(CONFIRM, &passphrase, &own.seeds())?, roots::id_of(&own.public()));
        self.logged(&[Entry::new("rotate confirm-key", &[&id])], None)?;
        let root = next.trust_file(&self.name);
        self.folder.switch(&[(CONFIRM.name, &key), (CONFIRM_ID, id.as_bytes()), (NEXT_ROOT, &root)])?;
        self.told_rotation(&last)
    }

    /// The confirm key of this folder is replaced once no root names it any more.
    fn no_confirm_key(&self) -> Result<(), Failure> {
        if !self.folder.has(CONFIRM_ID) {
            return Ok(());
        }
        let (last, own) = (self.last()?, self.folder.read(CONFIRM_ID)?);
        let roots = [self.signers(last.as_ref())?, self.next_signers(last.as_ref())?];
        let mut keys = roots.iter().flat_map(|signers| &signers.root.confirm_keys);
        let known = keys.find(|key| roots::id_of(key).as_bytes() == own);
        known.map_or(Ok(()), |key| Err(Failure::new(Exit::Refused, "CONFIRM_KEY_THERE").with("id", roots::id_of(key))))
    }

    /// What waits for a signature holds certificates of the CA that would go.
    fn nothing_pending(&self) -> Result<(), Failure> {
        if self.pending()?.is_empty() { Ok(()) } else { Err(Failure::new(Exit::Refused, "ROTATE_PENDING")) }
    }

    /// Issuing CA and root, PEM.
    pub(super) fn certificates(&self) -> Result<String, Failure> {
        String::from_utf8(self.folder.read(CERTIFICATES)?).map_err(|_| self.damaged(CERTIFICATES))
    }

    fn rotate_issuing(&self) -> Result<(), Failure> {
        self.nothing_pending()?;
        self.must_have(ROOT)?;
        let passphrase = self.passphrase()?;
        let root = self.opened(ROOT, &passphrase)?;
        let keys = Authority::renew(&self.name, &root, &self.certificates()?, clock::now(), &mut clock::rng());
        let keys = keys.map_err(|_| self.damaged(ROOT.name))?;
        let last = self.last()?;
        self.leads(&keys, &self.next_signers(last.as_ref())?.root)?;
        let issuing = key_file::seal(ISSUING, &passphrase, &keys.issuing)?;
        self.logged(&[Entry::new("rotate ca", &[])], None)?;
        self.folder.switch(&[(ISSUING.name, &issuing), (CERTIFICATES, keys.certificates_pem.as_bytes())])?;
        self.screen.say("done-rotate-ca", &[]);
        self.screen.object(&json!({"issuing": "new"}));
        Ok(())
    }

    fn rotate_root(&self) -> Result<(), Failure> {
        self.nothing_pending()?;
        self.must_have(ADMIN)?;
        let passphrase = self.passphrase()?;
        // The passphrase of this folder, or nobody would open what is sealed now.
        self.opened(ADMIN, &passphrase)?;
        let not_made = |error| Failure::new(Exit::Machine, "KEYS_NOT_MADE").with("detail", error);
        let made = Authority::create_to_keep(self.name.clone(), clock::now(), &mut clock::rng());
        let (authority, keys) = made.map_err(not_made)?;
        let (last, next) = self.changed_root(|root| {
            root.x509_roots.push(Bytes::copy_from_slice(&authority.root_spki_sha256()));
            Ok(())
        })?;
        self.leads(&keys, &next.root)?;
        let next = next.trust_file(&self.name);
        let root = key_file::seal(ROOT, &passphrase, &keys.root)?;
        let issuing = key_file::seal(ISSUING, &passphrase, &keys.issuing)?;
        let certificates = keys.certificates_pem.as_bytes();
        self.logged(&[Entry::new("rotate root", &[])], None)?;
        self.folder.switch(&[(ROOT.name, &root), (ISSUING.name, &issuing), (CERTIFICATES, certificates), (NEXT_ROOT, &next)])?;
        self.screen.say("done-rotate-root", &[]);
        self.told_rotation(&last)
    }

    /// Takes out the CA roots that issue nothing any more: leaves below them end with the next version.
    fn finish_root(&self) -> Result<(), Failure> {
        let own = root_spki(&self.certificates()?).ok_or_else(|| self.damaged(CERTIFICATES))?;
        let last = self.last()?.ok_or_else(super::directory::nothing_signed)?;
        if !last.x509_roots().any(|hash| *hash == own[..]) {
            return Err(Failure::new(Exit::Refused, "ROOT_NOT_SIGNED"));
        }
        self.next_root("rotate root --finish", |root| {
            root.x509_roots.retain(|hash| hash[..] == own[..]);
            if root.x509_roots.is_empty() { Err(self.damaged(CERTIFICATES)) } else { Ok(()) }
        })
    }

    /// A leaf of the new CA, as every other machine would look at it: before anything is replaced.
    fn leads(&self, keys: &AuthorityKeys, root: &wire::Root) -> Result<(), Failure> {
        let not_issued = |fault: &dyn core::fmt::Display| Failure::new(Exit::Refused, "NOT_ISSUED").with("fault", fault);
        let authority =
            Authority::open(self.name.clone(), &keys.certificates_pem, &keys.issuing).map_err(|error| not_issued(&error))?;
        let key = TlsKey::generate().map_err(|error| not_issued(&error))?;
        let (agency, agent) = (AgencyId::parse("prova").expect("a slug"), AgentId::parse("a1").expect("a slug"));
        let leaf = authority.issue_agent(&agency, &agent, key.public_key(), clock::now(), &mut clock::rng());
        let chain = tls::certificates(leaf.map_err(|error| not_issued(&error))?.chain_pem.as_bytes()).unwrap_or_default();
        let is_root = |der: &&[u8]| spki_sha256(der).is_some_and(|hash| root.x509_roots.iter().any(|one| one[..] == hash[..]));
        let (leaf, above) = chain.split_first().ok_or_else(|| not_issued(&"A-13"))?;
        let (roots, between): (Vec<&[u8]>, Vec<&[u8]>) = above.iter().map(|der| &der[..]).partition(is_root);
        let holds = tls::chain_holds(&Chain { leaf, between, roots }, Usage::Client, clock::now());
        if holds { Ok(()) } else { Err(not_issued(&"A-13")) }
    }

    /// Does it all on a copy: what is asked of whom is said, and the copy is gone.
    fn rehearse(&self, rotate: impl FnOnce(&Network<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        let copy = self.folder.copy()?;
        let folder = crate::folder::Folder::open(copy.path())?;
        let tried = Network::read(folder, self.passphrase_file(), self.screen)?;
        self.screen.say("show-rehearsal", &[]);
        rotate(&tried)?;
        let last = tried.last()?;
        if tried.next_signers(last.as_ref())? != tried.signers(last.as_ref())? && tried.proposal(last.as_ref())?.is_none() {
            let document = tried.propose(last.as_ref(), tried.next_signers(last.as_ref())?, tried.left_behind(last.as_ref())?)?;
            self.told_waiting(&tried.judged(&document, last.as_ref())?);
        }
        self.screen.say("done-rehearsal", &[]);
        Ok(())
    }
}
