//! What it answers when it is asked for the directory. Two of three admins sign each version of this network. Not here: what it
//! says on a stream.

use anyhow::Context as _;
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_admin::roster::Dates;
use raccordo_certs_dev::cast::{Cast, cav, cpi};
use raccordo_certs_dev::network::Network;
use raccordo_machine::clock;
use raccordo_proto::directory::confirm;
use raccordo_proto::ids::{Digest, NetworkId};
use raccordo_proto::limits::FETCH_BYTES_MAX;
use raccordo_proto::wire::{Body, FetchResponse, Head, SignedDirectory};
use raccordo_proto::{AgencyId, Directory};
use raccordo_tests::processes::World;
use tonic::Status;

use crate::gateway::{Answer, Memory};
use crate::row::After::{HandsOn, StartsAnew};
use crate::row::Expected::{Counts, Harmless, Logs, Rival};
use crate::row::{After, Expected, Row, Trick};
use crate::stage::Stage;

type Answered = Option<Result<FetchResponse, Status>>;

/// The second version with a change, as if it were whole.
fn second(memory: &Memory, change: impl FnOnce(&mut SignedDirectory)) -> Answered {
    let mut document = memory.documents.get(1)?.clone();
    change(&mut document);
    newest(document)
}

fn newest(document: SignedDirectory) -> Answered {
    Some(Ok(FetchResponse { newest: Some(document), ..Default::default() }))
}

fn head(document: &mut SignedDirectory, change: impl FnOnce(&mut Head)) {
    let mut head = Head::decode(document.head.clone()).unwrap_or_default();
    change(&mut head);
    document.head = head.encode_to_vec().into();
}

const fn row(name: &'static str, what: &'static str, answer: Answer, expected: Expected) -> Row {
    played(name, what, (2, answer), expected, HandsOn)
}

const fn played(
    name: &'static str,
    what: &'static str,
    (version, answer): (u64, Answer),
    expected: Expected,
    after: After,
) -> Row {
    Row { name, what, trick: Trick::Answers { news_to: cpi, version, answer, is_taken: false }, expected, after }
}

/// Every office has the first version.
pub const OF_THE_SECOND: &[Row] = &[
    row(
        "directory unsigned",
        "gives a version without a signature",
        |memory, _, _| second(memory, |document| document.signatures.clear()),
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "directory of k−1",
        "gives a version that one admin too few has signed",
        |memory, _, _| second(memory, |document| document.signatures.truncate(1)),
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "one key twice",
        "gives a version that one admin has signed twice",
        |memory, _, _| second(memory, |document| document.signatures[1] = document.signatures[0].clone()),
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "body changed",
        "puts its own key in an office's place",
        |memory, _, _| {
            second(memory, |document| {
                let mut body = Body::decode(document.body.clone()).unwrap_or_default();
                body.agencies[0].agents[0].ik = vec![9; 32].into();
                document.body = body.encode_to_vec().into();
            })
        },
        Counts(cpi, &["INCONSISTENT"]),
    ),
    row(
        "head changed",
        "lets a version last a day longer",
        |memory, _, _| second(memory, |document| head(document, |head| head.expires += 86_400_000)),
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "head and body of its own",
        "changes the body and its hash in the head",
        |memory, _, _| {
            second(memory, |document| {
                let mut body = Body::decode(document.body.clone()).unwrap_or_default();
                body.agencies.truncate(2);
                document.body = body.encode_to_vec().into();
                head(document, |head| head.version += 1);
            })
        },
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "another network's",
        "gives what another network's admins have signed",
        |memory, _, _| newest(memory.foreign.clone()?),
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "a gap",
        "gives the third version without the second one's head",
        |memory, _, _| newest(memory.documents.get(2)?.clone()),
        Counts(cpi, &["INCONSISTENT"]),
    ),
    row(
        "a link unsigned",
        "gives the third version behind a head without signatures",
        |memory, _, _| {
            let mut answer = memory.honest(3, 1);
            answer.heads.iter_mut().for_each(|head| head.signatures.clear());
            Some(Ok(answer))
        },
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "a head too large",
        "gives a head of 5 KiB",
        |memory, _, _| second(memory, |document| document.head = vec![1; 5 * 1024].into()),
        Counts(cpi, &["TOO_LARGE"]),
    ),
    row(
        "a body too large",
        "gives a document of more than 4 MiB",
        |memory, _, _| second(memory, |document| document.body = vec![1; 4 * 1024 * 1024].into()),
        Counts(cpi, &["TOO_LARGE"]),
    ),
    row(
        "links without end",
        "gives a thousand and more links",
        |memory, _, _| {
            let link = SignedDirectory { body: Bytes::new(), ..memory.documents.get(1)?.clone() };
            Some(Ok(FetchResponse { heads: vec![link; 1_100], newest: memory.documents.get(2).cloned(), confirm: None }))
        },
        Counts(cpi, &["TOO_LARGE"]),
    ),
    row(
        "an answer without end",
        "gives an answer larger than any may be",
        |memory, _, _| second(memory, |document| document.body = vec![1; FETCH_BYTES_MAX].into()),
        Logs(cpi, "the directory could not be fetched"),
    ),
    row(
        "an answer refused",
        "answers with a fault",
        |_, _, _| Some(Err(Status::internal("…"))),
        Logs(cpi, "the directory could not be fetched"),
    ),
    played(
        "no answer",
        "never answers",
        (2, |_, _, _| Some(Err(Status::cancelled("")))),
        Harmless("letters go on under the version that is installed"),
        StartsAnew,
    ),
    played(
        "a version that is not",
        "speaks of the highest version, and has none",
        (u64::MAX, |_, _, _| Some(Ok(FetchResponse::default()))),
        Harmless("a version is taken when it comes signed"),
        StartsAnew,
    ),
    row(
        "a Confirm of its own",
        "says itself that the version still holds",
        |memory, _, _| {
            let installed = Directory::trusted_before(memory.documents.first()?).ok()?;
            let confirm = confirm::issue(&installed, clock::now(), &SigningKey::from_bytes(&[9; 32]));
            Some(Ok(FetchResponse { confirm: Some(confirm), ..Default::default() }))
        },
        Counts(cpi, &["SIGNATURE"]),
    ),
    row(
        "Confirm withheld",
        "has no Confirm for anybody",
        |_, _, _| Some(Ok(FetchResponse::default())),
        Harmless("thirty days after the signature a segnalazione asks once more"),
    ),
];

/// Every office has the second version.
pub const OF_THE_THIRD: &[Row] = &[
    row(
        "rolled back",
        "gives the first version again",
        |memory, _, _| newest(memory.documents.first()?.clone()),
        Counts(cpi, &["DIRECTORY_STALE"]),
    ),
    row(
        "same version, changed",
        "gives the second version with another head",
        |memory, _, _| second(memory, |document| head(document, |head| head.issued += 1)),
        Counts(cpi, &["SIGNATURE"]),
    ),
    Row {
        name: "taken and not served",
        what: "gives the third version to the sender and to nobody else",
        trick: Trick::Answers {
            news_to: cav,
            version: 3,
            answer: |memory: &Memory, who: &AgencyId, since| {
                let served = if *who == cav() { 3 } else { 2 };
                Some(Ok(memory.honest(served, since)))
            },
            is_taken: true,
        },
        expected: Counts(cpi, &["DIRECTORY_STALE"]),
        after: After::Serves(3),
    },
];

/// The sender is given another fourth version than the others are.
pub const APART: Answer = |memory, who, since| {
    let is_behind = *who == cav() && since < 4;
    is_behind.then(|| newest(memory.rival.clone()?)).flatten()
};

/// Every office has a fourth version, and not all have the same.
pub const SPLIT: Row = Row {
    name: "split view",
    what: "two documents of one version, both signed by enough",
    trick: Trick::Answers {
        news_to: cpi,
        version: 4,
        answer: |memory, _, since| {
            let rival = memory.rival.clone().filter(|_| since < 4);
            Some(Ok(FetchResponse { newest: rival, ..Default::default() }))
        },
        is_taken: false,
    },
    expected: Rival(cpi),
    after: After::Serves(5),
};

/// Five versions of which the first is installed, another one of the fourth, and another network's second.
pub async fn stage() -> anyhow::Result<Stage> {
    let world = World::create_signed_by(&Cast::demo(), Dates::from_now(clock::now()), (3, 2))?;
    let mut stage = Stage::open(world).await?;
    let mut documents = vec![stage.world.network.directory().document().clone()];
    for minute in 1..=3 {
        let next = stage.world.network.publish(|roster| roster.policy.frames_per_minute += minute)?;
        documents.push(next.document().clone());
    }
    let (vault, fourth) = (stage.world.network.vault(), documents[3].clone());
    let signed = |change: &dyn Fn(&mut Head)| {
        let mut document = fourth.clone();
        head(&mut document, change);
        SignedDirectory { signatures: vault.sign(&document.head), ..document }
    };
    let rival = signed(&|head| head.expires -= 1);
    let hash = |document: &SignedDirectory| Bytes::copy_from_slice(Digest::of(&document.head).as_bytes());
    let healed = signed(&|head| {
        head.version = 5;
        head.previous_head = hash(&fourth);
        head.supersedes = vec![hash(&rival)];
    });
    documents.push(healed);
    let cast = Cast { network: NetworkId::parse("rete-altra.invalid").context("a network")?, ..Cast::demo() };
    let mut other = Network::create(&stage.world.path("other"), &cast)?;
    let foreign = other.publish(|_| {})?.document().clone();
    stage.gateway.remembers(|memory| {
        (memory.documents, memory.rival, memory.foreign) = (documents, Some(rival), Some(foreign));
    });
    Ok(stage)
}
