//! How an office's machine comes to its certificate by files: it draws its own keys, asks with a proof that it has them, and
//! takes an answer that names exactly these.
//!
//! Not here: its next certificates (`renewal`), request and answer left at a gateway (`online`), what is asked and believed
//! (`raccordo_proto::enrolment`), sentences (`cli`). The identity key waits in a seed file of its owner's alone until the first
//! start seals it under the store key.

pub mod online;
mod renewal;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use raccordo_machine::tls::{Usage, certificates, chain_holds};
use raccordo_machine::tls_key::{self, TlsKey};
use raccordo_machine::{clock, files};
use raccordo_proto::enrolment::{Activation, ActivationFault, Applicant, Request, RequestFault};
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::{AgencyId, Endpoint};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::failure::{Exit, Failure};

const REQUEST: &str = "request.bin";
const SEED: &str = "identity.seed";
const KEY: &str = "key.pem";
const STORE_KEY: &str = "store.key";
const CONFIG: &str = "agent.toml";

/// The folder of an office's machine before and after its activation.
pub struct Folder(PathBuf);

/// What an activation has made of a folder.
pub struct Activated {
    /// The office.
    pub agency: AgencyId,
    /// The network's words.
    pub network_words: String,
    /// The configuration that was written.
    pub config: PathBuf,
}

/// What is said beside an answer.
#[derive(Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// The network's words, as heard.
    pub words: Option<&'a str>,
    /// The office that it must be for.
    pub agency: Option<&'a AgencyId>,
    /// A passphrase will open the store, and no file.
    pub passphrase: bool,
    /// Throwaway networks are allowed.
    pub dev: bool,
}

impl Folder {
    /// This folder; made, for its owner alone, where it is not there.
    pub fn at(path: &Path) -> Result<Self, Failure> {
        files::make_folder(path).map_err(|error| io(path, error))?;
        Ok(Self(path.to_owned()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        let folder = files::folder_of(&path);
        files::make_folder(folder).map_err(|error| io(folder, error))?;
        files::replace(&path, bytes).map_err(|error| io(&path, error))
    }

    /// This folder's request: the one that it has made before, or a new one with new keys. The request is written last: keys
    /// without one have been shown to nobody.
    pub fn request(&self) -> Result<(Vec<u8>, Request), Failure> {
        if self.0.join(REQUEST).exists() {
            return self.own_request();
        }
        if self.0.join(CONFIG).exists() {
            return Err(Failure::new(Exit::Refused, "ALREADY_ACTIVE").with("folder", self.0.display()));
        }
        for name in [SEED, KEY] {
            let path = self.0.join(name);
            if path.symlink_metadata().is_ok() {
                return Err(Failure::new(Exit::Refused, "KEYS_THERE").with("file", path.display()));
            }
        }
        let not_made = || Failure::new(Exit::Machine, "NO_RANDOMNESS");
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut seed[..]).map_err(|_| not_made())?;
        let key = TlsKey::generate().map_err(|_| not_made())?;
        let file = tls_key::request(Some(&SigningKey::from_bytes(&seed)), &key, clock::now()).map_err(|_| not_made())?;
        self.write(SEED, &seed[..])?;
        self.write(KEY, key.to_pem().map_err(|_| not_made())?.as_bytes())?;
        self.write(REQUEST, &file)?;
        self.own_request()
    }

    fn own_request(&self) -> Result<(Vec<u8>, Request), Failure> {
        let (file, request) = self.read_request(REQUEST)?;
        let path = self.0.join(REQUEST);
        let bad = |fault| Failure::new(Exit::Verification, "REQUEST_DAMAGED").with("file", path.display()).with("fault", fault);
        Ok((file, request.map_err(bad)?))
    }

    /// A request of this folder: its file, and what it says.
    fn read_request(&self, name: &str) -> Result<(Vec<u8>, Result<Request, RequestFault>), Failure> {
        let file = read(&self.0.join(name), REQUEST_BYTES_MAX)?;
        let request = tls_key::verify_request(&file);
        Ok((file, request))
    }

    /// The keys that have asked lie here: without them an answer is good for nothing.
    fn has_the_keys_of(&self, request: &Request) -> Result<(), Failure> {
        let missing = |name: &str| Failure::new(Exit::Refused, "KEYS_GONE").with("file", self.0.join(name).display());
        let seed: Zeroizing<Vec<u8>> = Zeroizing::new(fs::read(self.0.join(SEED)).map_err(|_| missing(SEED))?);
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed[..].try_into().map_err(|_| missing(SEED))?);
        if request.applicant != Applicant::Agent(SigningKey::from_bytes(&seed).public_key()) {
            return Err(missing(SEED));
        }
        let key = TlsKey::read(&self.0.join(KEY)).map_err(|_| missing(KEY))?;
        if key.public_key() == &request.tls_key[..] { Ok(()) } else { Err(missing(KEY)) }
    }

    /// Takes the answer to this folder's request from a file.
    pub fn activate(&self, answer: &Path, wishes: Wishes<'_>) -> Result<Activated, Failure> {
        self.may_activate()?;
        self.take(&read(answer, ACTIVATION_BYTES_MAX)?, answer, wishes)
    }

    fn may_activate(&self) -> Result<(), Failure> {
        if self.0.join(CONFIG).exists() {
            return Err(Failure::new(Exit::Refused, "ALREADY_ACTIVE").with("folder", self.0.display()));
        }
        if !self.0.join(REQUEST).exists() {
            return Err(Failure::new(Exit::Refused, "NO_REQUEST").with("folder", self.0.display()));
        }
        Ok(())
    }

    /// Takes the answer to this folder's request, which came from there: everything is checked before anything is written, and
    /// the configuration is written last.
    pub fn take(&self, file: &[u8], answer: &Path, wishes: Wishes<'_>) -> Result<Activated, Failure> {
        self.may_activate()?;
        let Wishes { words, passphrase, dev, .. } = wishes;
        let (_, request) = self.own_request()?;
        self.has_the_keys_of(&request)?;
        let bad = |fault: ActivationFault| unusable(answer, &fault);
        let activation = Activation::read(file, &request, clock::now()).map_err(bad)?;
        let network_words = raccordo_proto::words::network_words(&activation.trust);
        if words.is_some_and(|typed| !raccordo_proto::words::same(typed, &network_words)) {
            return Err(Failure::new(Exit::Verification, "NETWORK_WORDS").with("words", network_words));
        }
        let network = activation.directory.network().clone();
        if network.is_throwaway() && !dev {
            return Err(Failure::new(Exit::Usage, "THROWAWAY").with("network", network));
        }
        let chain = certificates(&activation.chain_pem).ok_or_else(|| bad(ActivationFault::Unreadable))?;
        let ders: Vec<&[u8]> = chain.iter().map(|certificate| certificate.as_ref()).collect();
        let now = clock::now();
        let agency = activation.agency(&ders, &request, now, |chain| chain_holds(chain, Usage::Client, now)).map_err(bad)?;
        if wishes.agency.is_some_and(|wished| *wished != agency) {
            return Err(bad(ActivationFault::OtherKeys));
        }
        let endpoints = activation.endpoints().map_err(bad)?;
        if endpoints.is_empty() {
            return Err(Failure::new(Exit::Refused, "NO_GATEWAY_LISTED"));
        }
        let config = config(network.as_str(), &agency, &endpoints, passphrase);
        if Config::parse(&config, &self.0, dev).is_err() {
            return Err(bad(ActivationFault::Unreadable));
        }
        self.write("state/directory.bin", &activation.document)?;
        self.write("rete.bin", &activation.trust)?;
        self.write("chain.pem", &activation.chain_pem)?;
        if !passphrase && !self.0.join(STORE_KEY).exists() {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(&mut key[..]).map_err(|_| Failure::new(Exit::Machine, "NO_RANDOMNESS"))?;
            self.write(STORE_KEY, &key[..])?;
        }
        self.write(CONFIG, config.as_bytes())?;
        Ok(Activated { agency, network_words, config: self.0.join(CONFIG) })
    }
}

/// Writes the request where somebody can take it to the administration.
pub fn hand_out(out: &Path, request: &[u8]) -> Result<(), Failure> {
    files::hand_out(out, request).map_err(|error| io(out, error))
}

fn unusable(answer: &Path, fault: &ActivationFault) -> Failure {
    let failure = match fault {
        ActivationFault::OtherRequest | ActivationFault::OtherKeys => Failure::new(Exit::Verification, "ACTIVATION_OF_ANOTHER"),
        _ => Failure::new(Exit::Verification, "ACTIVATION_TAMPERED"),
    };
    failure.with("file", answer.display()).with("fault", fault)
}

fn io(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Exit::Machine, "ENROLMENT_FILE").with("file", path.display()).with("detail", error)
}

fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    files::read_at_most(path, bytes_max).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => Failure::new(Exit::Usage, "ENROLMENT_TOO_LARGE").with("file", path.display()),
        _ => io(path, error),
    })
}

fn config(network: &str, agency: &AgencyId, endpoints: &[Endpoint], passphrase: bool) -> String {
    let endpoints: Vec<String> = endpoints.iter().map(|endpoint| format!("\"{endpoint}\"")).collect();
    let unlock = if passphrase { "source = \"passphrase\"" } else { "source = \"credential\"\npath = \"store.key\"" };
    format!(
        r#"network = "{network}"
agency = "{agency}"
state = "state"
trust = "rete.bin"

[gateway]
endpoints = [{}]

[tls]
chain = "chain.pem"
key = "key.pem"

[identity]
import = "identity.seed"

[unlock]
{unlock}

[api]
socket = "api.sock"
"#,
        endpoints.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_request_is_made_once_and_its_keys_are_the_owners_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&dir.path().join("cav")).expect("made");
        let (file, request) = folder.request().expect("a request");
        assert_eq!(folder.request().expect("the same").0, file);
        let seed: [u8; 32] = fs::read(folder.0.join(SEED)).expect("a seed").try_into().expect("32 bytes");
        assert_eq!(request.applicant, Applicant::Agent(SigningKey::from_bytes(&seed).public_key()));
        for secret in [SEED, KEY] {
            assert_eq!(fs::metadata(folder.0.join(secret)).expect("there").permissions().mode() & 0o777, 0o600);
        }
        let key = TlsKey::read(&folder.0.join(KEY)).expect("its own file");
        assert_eq!(key.public_key(), &request.tls_key[..], "the request asks for the key that is in the file");
        let damaged = [&file[..file.len() - 1], &[file[file.len() - 1] ^ 1]].concat();
        fs::write(folder.0.join(REQUEST), damaged).expect("written");
        assert_eq!(folder.request().err().map(|failure| failure.code), Some("REQUEST_DAMAGED".to_owned()));
    }

    #[test]
    fn an_answer_needs_a_request_and_a_configuration_that_is_not_there_yet() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(dir.path()).expect("made");
        let code = |folder: &Folder| folder.activate(Path::new("nowhere"), Wishes::default()).err().map(|failure| failure.code);
        assert_eq!(code(&folder).as_deref(), Some("NO_REQUEST"));
        folder.request().expect("a request");
        assert_eq!(code(&folder).as_deref(), Some("ENROLMENT_FILE"));
        let (file, request) = folder.request().expect("the same");
        fs::write(dir.path().join("answer"), &file).expect("written");
        let answer = folder.activate(&dir.path().join("answer"), Wishes::default()).err().map(|failure| failure.code);
        assert_eq!(answer.as_deref(), Some("ACTIVATION_TAMPERED"), "{:?}", request.made_at);
        fs::write(dir.path().join(CONFIG), "").expect("written");
        assert_eq!(code(&folder).as_deref(), Some("ALREADY_ACTIVE"));
    }

    #[test]
    fn keys_that_lie_there_are_not_written_over() {
        for name in [SEED, KEY] {
            let dir = tempfile::tempdir().expect("a folder");
            let folder = Folder::at(dir.path()).expect("made");
            fs::write(dir.path().join(name), b"somebody's").expect("written");
            assert_eq!(folder.request().err().map(|failure| failure.code).as_deref(), Some("KEYS_THERE"));
            assert_eq!(fs::read(dir.path().join(name)).expect("there"), b"somebody's");
            assert_eq!(fs::read_dir(dir.path()).expect("our own").count(), 1, "nothing else was written");
        }
    }

    #[test]
    fn an_answer_without_an_end_is_too_large() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(dir.path()).expect("made");
        folder.request().expect("a request");
        let endless = folder.activate(Path::new("/dev/zero"), Wishes::default());
        assert_eq!(endless.err().map(|failure| failure.code).as_deref(), Some("ENROLMENT_TOO_LARGE"));
    }

    #[test]
    fn the_configuration_is_one_that_the_agent_reads() {
        let agency = AgencyId::parse("cav-ginestra").expect("a slug");
        let endpoints = ["gw.rete.example:443", "[2001:db8::1]:8443"].map(|text| Endpoint::parse(text).expect("an endpoint"));
        for passphrase in [false, true] {
            let text = config("rete-cremona", &agency, &endpoints, passphrase);
            let read = crate::config::Config::parse(&text, Path::new("/srv/cav"), false).ok().expect("good");
            assert_eq!((read.agency, read.state), (agency.clone(), PathBuf::from("/srv/cav/state")));
            assert_eq!(read.gateway.endpoints, endpoints);
        }
    }
}
