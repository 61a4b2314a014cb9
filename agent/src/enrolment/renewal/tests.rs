//! A request for a next certificate; answers, and A-18, need a real authority (`tests/tests/network/acts.rs`).

use super::*;

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::at(&dir.path().join("cav")).expect("made");
    (dir, folder)
}

#[test]
fn a_renewal_asks_for_a_new_key_in_the_name_of_the_same_identity() {
    let (_dir, folder) = folder();
    let identity = SigningKey::from_bytes(&[1; 32]);
    let (file, request) = folder.renewal(&identity).expect("a request");
    assert_eq!(request.applicant, Applicant::Agent(identity.public_key()));
    assert_eq!(folder.renewal(&identity).expect("the one that waits").0, file);
    assert!(!files::others_may_open(&folder.0.join(KEY)));
    let key = TlsKey::read(&folder.0.join(KEY)).expect("its own file");
    assert_eq!(key.public_key(), &request.tls_key[..]);
}

#[test]
fn a_request_whose_key_is_gone_or_of_another_identity_is_made_anew() {
    let (_dir, folder) = folder();
    let identity = SigningKey::from_bytes(&[1; 32]);
    let (first, _) = folder.renewal(&identity).expect("a request");
    fs::remove_file(folder.0.join(KEY)).expect("its own file");
    let (second, request) = folder.renewal(&identity).expect("another");
    assert!(first != second && folder.key_of(&request).is_ok());
    let other = SigningKey::from_bytes(&[2; 32]);
    let (third, request) = folder.renewal(&other).expect("another");
    assert!(second != third && request.applicant == Applicant::Agent(other.public_key()));
}

#[test]
fn a_damaged_request_is_as_if_it_were_gone() {
    let (_dir, folder) = folder();
    let identity = SigningKey::from_bytes(&[1; 32]);
    let (first, _) = folder.renewal(&identity).expect("a request");
    fs::write(folder.0.join(REQUEST), &first[..first.len() - 1]).expect("written");
    assert!(folder.waiting().expect("read").is_none());
    let (second, request) = folder.renewal(&identity).expect("another");
    assert!(first != second && folder.key_of(&request).is_ok());
    assert_eq!(folder.renewal(&identity).expect("it waits").0, second);
}

#[test]
fn an_answer_needs_a_request_that_waits_and_its_key() {
    let (_dir, folder) = folder();
    let text = "network = \"rete-prova\"\nagency = \"cav-ginestra\"\nstate = \"state\"\ntrust = \"rete.bin\"\n\
                [gateway]\nendpoints = [\"gw.rete.example:443\"]\n[tls]\nchain = \"chain.pem\"\nkey = \"key.pem\"\n\
                [unlock]\nsource = \"credential\"\npath = \"store.key\"\n[api]\nsocket = \"api.sock\"\n";
    let config = Config::parse(text, &folder.0, false).ok().expect("good");
    let code = || folder.renew(&config, Path::new("nowhere"), None).err().map(|failure| failure.code);
    assert_eq!(code().as_deref(), Some("NO_RENEWAL"));
    folder.renewal(&SigningKey::from_bytes(&[1; 32])).expect("a request");
    assert_eq!(code().as_deref(), Some("ENROLMENT_FILE"));
    fs::remove_file(folder.0.join(KEY)).expect("its own file");
    assert_eq!(code().as_deref(), Some("KEYS_GONE"));
}
