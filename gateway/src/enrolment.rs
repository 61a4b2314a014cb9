//! How a gateway comes to its certificate by files: it draws its own TLS key, asks with a proof that it has it, and takes an
//! answer that names exactly this key.
//!
//! Its next certificate comes the same way, for a new key beside the one in use.
//!
//! Not here: what is asked and believed (`raccordo_proto::enrolment`); a gateway that runs reads both at SIGHUP (`install`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use raccordo_machine::tls::{Usage, certificates, chain_holds};
use raccordo_machine::tls_key::{self, TlsKey, TlsKeyFault};
use raccordo_machine::{clock, files};
use raccordo_proto::enrolment::{Activation, ActivationFault, Request};
use raccordo_proto::ids::GatewayId;
use raccordo_proto::limits::{ACTIVATION_BYTES_MAX, REQUEST_BYTES_MAX};
use raccordo_proto::words;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::failure::Failure;
use crate::publication::TRUST_BYTES_MAX;

const REQUEST: &str = "request.bin";
const KEY: &str = "key.pem";
const CONFIG: &str = "gateway.toml";
/// A TLS key, or two while one is renewed.
const KEY_BYTES_MAX: usize = 64 * 1024;
/// The request for the next certificate, and the key that it asks for.
const RENEWAL: &str = "renewal.bin";
const NEXT_KEY: &str = "key-2.pem";

/// The folder of a gateway before and after its activation.
pub struct Folder(PathBuf);

/// What an activation has made of a folder.
pub struct Activated {
    /// The gateway.
    pub gateway: GatewayId,
    /// The network's words.
    pub network_words: String,
    /// The configuration that was written.
    pub config: PathBuf,
}

impl Folder {
    /// This folder; made, for its owner alone, where it is not there.
    pub fn at(path: &Path) -> Result<Self, Failure> {
        files::make_folder(path).map_err(|cause| Failure::file("make", path, cause))?;
        Ok(Self(path.to_owned()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        files::replace(&path, bytes).map_err(|cause| Failure::file("write", &path, cause))
    }

    fn not_active(&self) -> Result<(), Failure> {
        if !self.is_active() {
            return Ok(());
        }
        let folder = self.0.display();
        Err(Failure::Refused(format!("{folder} holds an active gateway already ({CONFIG}): another one needs another folder")))
    }

    /// Writes this folder's request to `out`: the one that it has made before, or a new one with a new key. Answers its words.
    pub fn request(&self, out: &Path) -> Result<String, Failure> {
        if !self.0.join(REQUEST).exists() {
            self.not_active()?;
            let path = self.0.join(KEY);
            if path.symlink_metadata().is_ok() {
                return Err(key_there(&path));
            }
            self.draw(KEY, REQUEST)?;
        }
        self.handed_out(REQUEST, out)
    }

    /// Writes an active gateway's request for its next certificate: the one that waits, or a new one with a new key.
    pub fn renewal(&self, out: &Path) -> Result<String, Failure> {
        if !self.is_active() {
            let folder = self.0.display();
            return Err(Failure::Refused(format!(
                "{folder} holds no active gateway: a first certificate is asked for without --renew"
            )));
        }
        let waits = self.read_request(RENEWAL).is_ok_and(|(_, request)| self.has_the_key_of(&request, NEXT_KEY).is_ok());
        if !waits {
            self.draw(NEXT_KEY, RENEWAL)?;
        }
        self.handed_out(RENEWAL, out)
    }

    /// Whether it holds a configuration: an answer then is a renewal.
    pub fn is_active(&self) -> bool {
        self.0.join(CONFIG).exists()
    }

    fn handed_out(&self, request: &str, out: &Path) -> Result<String, Failure> {
        let (file, request) = self.read_request(request)?;
        files::hand_out(out, &file).map_err(|cause| Failure::file("write", out, cause))?;
        Ok(request.words())
    }

    /// Draws a key and writes its request, in this order: a key without one has been shown to nobody.
    fn draw(&self, key: &str, request: &str) -> Result<(), Failure> {
        let not_made = |fault: TlsKeyFault| Failure::Machine(fault.to_string());
        let drawn = TlsKey::generate().map_err(not_made)?;
        let file = tls_key::request(None, &drawn, clock::now()).map_err(not_made)?;
        self.write(key, drawn.to_pem().map_err(not_made)?.as_bytes())?;
        self.write(request, &file)
    }

    fn read_request(&self, name: &str) -> Result<(Vec<u8>, Request), Failure> {
        let path = self.0.join(name);
        let file = files::read_at_most(&path, REQUEST_BYTES_MAX).map_err(|cause| Failure::file("read", &path, cause))?;
        let bad = |fault| Failure::Unverified(format!("{}: {fault}; delete the folder and make a new request", path.display()));
        let request = tls_key::verify_request(&file).map_err(bad)?;
        Ok((file, request))
    }

    /// The key that has asked lies here: without it an answer is good for nothing.
    fn has_the_key_of(&self, request: &Request, key: &str) -> Result<(), Failure> {
        let path = self.0.join(key);
        if TlsKey::read(&path).is_ok_and(|key| key.public_key() == &request.tls_key[..]) {
            return Ok(());
        }
        let (path, folder) = (path.display(), self.0.display());
        Err(Failure::Refused(format!(
            "{path} is not there, or is not the key that has asked: nothing was written. Put it back, or delete {folder} and make \
             a new request"
        )))
    }

    /// Takes the answer to this folder's request: everything is checked before anything is written, and the configuration is
    /// written last. `expected` are the network's words, as heard; a throwaway network needs `dev`.
    pub fn activate(&self, answer: &Path, expected: Option<&str>, listen: SocketAddr, dev: bool) -> Result<Activated, Failure> {
        self.not_active()?;
        if !self.0.join(REQUEST).exists() {
            let folder = self.0.display();
            return Err(Failure::Refused(format!("{folder} holds no request: first «raccordo-gateway request OUT»")));
        }
        let Answered { gateway, activation, network_words } = self.answered(REQUEST, KEY, answer, expected)?;
        let network = activation.directory.network();
        if network.is_throwaway() && !dev {
            return Err(Failure::Config(format!("the network {network} is a throwaway one: it needs --dev")));
        }
        self.write("directory.bin", &activation.document)?;
        self.write("rete.bin", &activation.trust)?;
        self.write("chain.pem", &activation.chain_pem)?;
        self.write(CONFIG, config(network.as_str(), &gateway, listen).as_bytes())?;
        Ok(Activated { gateway, network_words, config: self.0.join(CONFIG) })
    }

    /// The answer to a request of this folder: believed, and nothing is written.
    fn answered(&self, request: &str, key: &str, answer: &Path, expected: Option<&str>) -> Result<Answered, Failure> {
        let (_, request) = self.read_request(request)?;
        self.has_the_key_of(&request, key)?;
        let file = files::read_at_most(answer, ACTIVATION_BYTES_MAX).map_err(|cause| Failure::file("read", answer, cause))?;
        let bad = |fault: ActivationFault| {
            let file = answer.display();
            Failure::Unverified(format!(
                "{file}: {fault}. Nothing was written; the administration must send the answer to this request again"
            ))
        };
        let activation = Activation::read(&file, &request, clock::now()).map_err(bad)?;
        let network_words = words::network_words(&activation.trust);
        if expected.is_some_and(|typed| !words::same(typed, &network_words)) {
            let said =
                format!("the network's words are others ({network_words}): nothing was written; call the administration back");
            return Err(Failure::Unverified(said));
        }
        let chain = certificates(&activation.chain_pem).ok_or_else(|| bad(ActivationFault::Unreadable))?;
        let ders: Vec<&[u8]> = chain.iter().map(|certificate| certificate.as_ref()).collect();
        let now = clock::now();
        let gateway = activation.gateway(&ders, &request, now, |chain| chain_holds(chain, Usage::Server, now)).map_err(bad)?;
        Ok(Answered { gateway, activation, network_words })
    }

    /// Takes the answer to the request for the next certificate (A-18). Chain and key are replaced so that at any crash there is
    /// a pair that fits (`raccordo_machine::tls::key_of`); the same answer once more ends the same. Configuration, directory and
    /// trust file stay.
    pub fn renew(&self, answer: &Path, expected: Option<&str>, dev: bool) -> Result<Activated, Failure> {
        let config = Config::read(&self.0.join(CONFIG), dev)?;
        if !self.0.join(RENEWAL).exists() {
            let folder = self.0.display();
            return Err(Failure::Refused(format!(
                "{folder} holds an active gateway, and no request waits for an answer: first «raccordo-gateway request --renew OUT»"
            )));
        }
        let Answered { gateway, activation, network_words } = self.answered(RENEWAL, NEXT_KEY, answer, expected)?;
        if gateway != config.id || *activation.directory.network() != config.network {
            let (id, network) = (&config.id, &config.network);
            return Err(Failure::Unverified(format!(
                "{}: it is not for {id} of {network}. Nothing was written",
                answer.display()
            )));
        }
        let trust =
            files::read_at_most(&config.trust, TRUST_BYTES_MAX).map_err(|cause| Failure::file("read", &config.trust, cause))?;
        if expected.is_none() && trust[..] != activation.trust[..] {
            return Err(Failure::Unverified(format!(
                "{}: the administration's keys are others than this gateway knows (words: {network_words}). Nothing was written; \
                 ask for the words on the phone and type this again with --words",
                answer.display()
            )));
        }
        let secret = |path: &Path| {
            let read = files::read_at_most(path, KEY_BYTES_MAX).map(Zeroizing::new);
            read.map_err(|cause| Failure::file("read", path, cause))
        };
        let replaced =
            |path: &Path, bytes: &[u8]| files::replace(path, bytes).map_err(|cause| Failure::file("write", path, cause));
        let (old, key) = (secret(&config.key)?, secret(&self.0.join(NEXT_KEY))?);
        replaced(&config.key, &Zeroizing::new([&old[..], &b"\n"[..], &key[..]].concat()))?;
        replaced(&config.chain, &activation.chain_pem)?;
        replaced(&config.key, &key)?;
        for name in [RENEWAL, NEXT_KEY] {
            let path = self.0.join(name);
            files::remove(&path).map_err(|cause| Failure::file("remove", &path, cause))?;
        }
        Ok(Activated { gateway, network_words, config: self.0.join(CONFIG) })
    }
}

/// What an administration has answered, believed.
struct Answered {
    gateway: GatewayId,
    activation: Activation,
    network_words: String,
}

/// A key without its request may be the one that the administration has been asked to let in: it is nobody's to replace.
fn key_there(key: &Path) -> Failure {
    let key = key.display();
    Failure::Refused(format!(
        "{key} is there, without the request that would speak of it: keys are not written over, and nothing was written. If a \
         request has been sent to the administration, put its copy back beside it ({REQUEST}); if none was ever sent, remove \
         {key} and repeat the command"
    ))
}

fn config(network: &str, gateway: &GatewayId, listen: SocketAddr) -> String {
    format!(
        r#"network = "{network}"
id = "{gateway}"
state = "state"
directory = "directory.bin"
trust = "rete.bin"

[listen]
address = "{listen}"

[tls]
chain = "chain.pem"
key = "key.pem"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_gateway_asks_once_and_takes_only_its_own_answer() {
        let dir = fixture::Folder::new("enrolment");
        let folder = Folder::at(&dir.path().join("gw")).expect("made");
        let out = dir.path().join("out");
        std::fs::write(dir.path().join("out.tmp"), b"somebody's").expect("written");
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let code = |folder: &Folder, file: &Path| folder.activate(file, None, address, false).err().map(|f| f.exit_code());
        assert_eq!(code(&folder, &out), Some(4), "no request");
        let said = folder.request(&out).expect("a request");
        let file = std::fs::read(&out).expect("written");
        assert_eq!((folder.request(&out).expect("again"), std::fs::read(&out).expect("written")), (said, file));
        assert_eq!(std::fs::read(dir.path().join("out.tmp")).expect("in a folder of anybody's"), b"somebody's");
        assert!(!files::others_may_open(&folder.0.join(KEY)));
        assert_eq!(code(&folder, &out), Some(5), "a request is no answer");
        let key = std::fs::read(folder.0.join(KEY)).expect("a key");
        let request = std::fs::read(folder.0.join(REQUEST)).expect("a request");
        std::fs::remove_file(folder.0.join(REQUEST)).expect("our own");
        assert_eq!(folder.request(&out).err().map(|failure| failure.exit_code()), Some(4), "a key without its request");
        assert_eq!(std::fs::read(folder.0.join(KEY)).expect("a key"), key);
        std::fs::write(folder.0.join(REQUEST), request).expect("written");
        std::fs::rename(folder.0.join(KEY), folder.0.join("aside")).expect("our own");
        assert_eq!(code(&folder, &out), Some(4), "no key");
        std::fs::rename(folder.0.join("aside"), folder.0.join(KEY)).expect("our own");
        std::fs::write(folder.0.join(CONFIG), "").expect("written");
        assert_eq!(code(&folder, &out), Some(4), "it is active");
    }

    #[test]
    fn the_configuration_is_one_that_the_gateway_reads() {
        let dir = fixture::Folder::new("enrolment-config");
        let id = GatewayId::parse("gw1").expect("a slug");
        let path = dir.path().join(CONFIG);
        std::fs::write(&path, config("rete-cremona", &id, "[::]:443".parse().expect("an address"))).expect("written");
        let read = crate::config::Config::read(&path, false).expect("good");
        assert_eq!((read.id, read.address.port()), (id, 443));
    }
}
