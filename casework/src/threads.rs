//! Where each thread has come: per sender and epoch of its store a chain of letters, numbered from 1, each naming the one
//! before. Shows what is missing, and who told two stories.
//!
//! Not here: what the letters say (`case`), asking for what is missing (`desk`).

use std::collections::{BTreeMap, BTreeSet};

use raccordo_proto::Timestamp;
use raccordo_proto::ids::{AgencyId, CaseId, Digest, ThreadId};

use crate::letter::{Letter, SignedLetter};
use crate::wire::HeadsDiffer;

/// One sender's letters in a thread, in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainId {
    /// The thread.
    pub thread: ThreadId,
    /// Whose letters.
    pub sender: AgencyId,
    /// The sender's store epoch.
    pub store_epoch: u64,
}

impl ChainId {
    fn of(letter: &Letter) -> Self {
        Self { thread: letter.thread, sender: letter.sender.clone(), store_epoch: letter.store_epoch }
    }
}

/// A letter's place in its chain.
#[derive(Clone, PartialEq)]
struct Link {
    digest: Digest,
    previous: Option<Digest>,
}

#[derive(Clone, Default, PartialEq)]
struct Chain {
    links: BTreeMap<u64, Link>,
    /// Up to this place, counted from 1, no letter is missing.
    whole: u64,
    /// Since when one is missing before the last.
    gap_since: Option<Timestamp>,
    /// When the newest letter came here.
    last_at: Timestamp,
    /// Who has told of another letter than the one here: the first time it did.
    differs: BTreeSet<AgencyId>,
}

impl Chain {
    /// The first letter of a place stays.
    fn add(&mut self, seq: u64, link: Link) {
        self.links.entry(seq).or_insert(link);
        while self.links.contains_key(&(self.whole + 1)) {
            self.whole += 1;
        }
    }

    /// The first place that is empty.
    fn first_missing(&self) -> u64 {
        self.whole + 1
    }

    /// The place after the last one.
    fn next(&self) -> u64 {
        self.links.last_key_value().map_or(1, |(seq, _)| seq + 1)
    }

    fn has_gap(&self) -> bool {
        self.first_missing() < self.next()
    }
}

/// Letters of a chain that are missing here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// In which chain.
    pub chain: ChainId,
    /// From which place on.
    pub from_seq: u64,
}

/// A chain's last letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The chain.
    pub chain: ChainId,
    /// The letter's place.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
}

/// All threads of an office.
#[derive(Clone, Default, PartialEq)]
pub struct Threads {
    chains: BTreeMap<ChainId, Chain>,
    /// Those of them that lack a letter before their last.
    gapped: BTreeSet<ChainId>,
    threads: BTreeMap<ThreadId, Thread>,
}

/// What a thread's first letter has fixed: a thread is of one case and has exactly one audience (L-09).
#[derive(Clone, PartialEq)]
struct Thread {
    case: CaseId,
    audience: Vec<AgencyId>,
}

impl Threads {
    /// Takes note of a letter, own or received, at the time it was written or came.
    pub(crate) fn add(&mut self, letter: &SignedLetter, at: Timestamp) {
        let facts = letter.letter();
        self.threads.entry(facts.thread).or_insert_with(|| Thread { case: facts.case_id, audience: facts.audience() });
        let id = ChainId::of(facts);
        let chain = self.chains.entry(id.clone()).or_default();
        chain.add(facts.seq, Link { digest: letter.digest(), previous: facts.previous });
        chain.last_at = chain.last_at.max(at);
        chain.gap_since = chain.has_gap().then(|| chain.gap_since.unwrap_or(at));
        if chain.gap_since.is_some() {
            self.gapped.insert(id)
        } else {
            self.gapped.remove(&id)
        };
    }

    /// An erased case's threads.
    pub(crate) fn forget(&mut self, case: CaseId) {
        self.threads.retain(|_, thread| thread.case != case);
        let Self { chains, gapped, threads } = self;
        chains.retain(|id, _| threads.contains_key(&id.thread));
        gapped.retain(|id| threads.contains_key(&id.thread));
    }

    /// A case's threads.
    pub(crate) fn of_case(&self, case: CaseId) -> impl Iterator<Item = ThreadId> + '_ {
        self.threads.iter().filter(move |(_, thread)| thread.case == case).map(|(id, _)| *id)
    }

    /// Which case a thread is of.
    pub(crate) fn case_of(&self, thread: ThreadId) -> Option<CaseId> {
        self.threads.get(&thread).map(|thread| thread.case)
    }

    /// A chain's last letter.
    pub fn last(&self, chain: &ChainId) -> Option<Head> {
        let (seq, link) = self.chains.get(chain)?.links.last_key_value()?;
        Some(Head { chain: chain.clone(), seq: *seq, digest: link.digest })
    }

    /// The last letter of every chain.
    pub fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        self.chains.keys().filter_map(|chain| self.last(chain))
    }

    /// L-12: whether a letter contradicts what is here of its chain: another one has its place, or the one before or after
    /// it says that another stood there.
    pub fn contradicts(&self, letter: &SignedLetter) -> bool {
        let facts = letter.letter();
        let Some(chain) = self.chains.get(&ChainId::of(facts)) else { return false };
        let place = |seq: Option<u64>| seq.and_then(|seq| chain.links.get(&seq));
        let taken = place(Some(facts.seq)).is_some_and(|here| here.digest != letter.digest());
        let before = place(facts.seq.checked_sub(1)).is_some_and(|before| facts.previous != Some(before.digest));
        let after = place(facts.seq.checked_add(1)).is_some_and(|after| after.previous != Some(letter.digest()));
        taken || before || after
    }

    /// Who has a thread: sender and recipients, ascending.
    pub fn audience(&self, thread: ThreadId) -> Option<&[AgencyId]> {
        self.threads.get(&thread).map(|thread| &thread.audience[..])
    }

    /// Chains with a gap, each with the first place that is empty and since when it is known to be.
    pub fn gaps(&self) -> impl Iterator<Item = (Missing, Timestamp)> + '_ {
        self.gapped.iter().filter_map(|id| {
            let chain = self.chains.get(id)?;
            let since = chain.gap_since?;
            Some((Missing { chain: id.clone(), from_seq: chain.first_missing() }, since))
        })
    }

    /// The last letters of the chains in threads that a peer takes part in: the newest `max`. It does if it has written there,
    /// or has a letter of ours there (`given`); a member of the audience that nothing has reached hears nothing.
    pub fn heads_for(&self, peer: &AgencyId, given: &BTreeSet<ThreadId>, max: usize) -> Vec<Head> {
        let has_written = |thread| {
            let first = ChainId { thread, sender: peer.clone(), store_epoch: 0 };
            self.chains.range(first..).next().is_some_and(|(id, _)| id.thread == thread && id.sender == *peer)
        };
        let is_member = |thread| self.audience(thread).is_some_and(|audience| audience.contains(peer));
        let shared = |thread| is_member(thread) && (given.contains(&thread) || has_written(thread));
        let mut chains: Vec<_> = self.chains.iter().filter(|(id, _)| shared(id.thread)).collect();
        chains.sort_by_key(|(_, chain)| std::cmp::Reverse(chain.last_at));
        chains.into_iter().take(max).filter_map(|(id, _)| self.last(id)).collect()
    }

    /// The case of a place where a peer tells of another letter than the one here, unless it has said so before of that
    /// chain: a peer that tells what it likes costs a record a chain.
    pub fn contradicted_by(&self, head: &Head, peer: &AgencyId) -> Option<CaseId> {
        let chain = self.chains.get(&head.chain)?;
        let here = chain.links.get(&head.seq)?;
        let is_new = here.digest != head.digest && !chain.differs.contains(peer);
        is_new.then(|| self.case_of(head.chain.thread)).flatten()
    }

    pub(crate) fn differs(&mut self, differ: &HeadsDiffer) {
        let ids = (ThreadId::parse(&differ.thread), AgencyId::parse(&differ.sender), AgencyId::parse(&differ.told_by));
        let (Ok(thread), Ok(sender), Ok(peer)) = ids else { return };
        let chain = self.chains.get_mut(&ChainId { thread, sender, store_epoch: differ.store_epoch });
        if let Some(chain) = chain {
            chain.differs.insert(peer);
        }
    }

    /// Who has told of another letter than the one here, and whose letter it is.
    pub fn differing(&self) -> BTreeSet<(AgencyId, AgencyId)> {
        let chains = self.chains.iter();
        chains.flat_map(|(id, chain)| chain.differs.iter().map(|peer| (peer.clone(), id.sender.clone()))).collect()
    }

    /// What of a peer's head is missing here, or contradicts what is: what to ask that peer for.
    pub fn lacks(&self, head: &Head) -> Option<Missing> {
        let chain = self.chains.get(&head.chain);
        let mine = chain.and_then(|chain| chain.links.get(&head.seq)).map(|link| link.digest);
        if mine == Some(head.digest) {
            return None;
        }
        let from_seq = if mine.is_some() { head.seq } else { chain.map_or(1, Chain::first_missing).min(head.seq) };
        Some(Missing { chain: head.chain.clone(), from_seq })
    }

    /// Everybody else who shares a thread with this office.
    pub fn peers(&self, me: &AgencyId) -> Vec<AgencyId> {
        let mut peers: Vec<_> =
            self.threads.values().flat_map(|thread| &thread.audience).filter(|agency| *agency != me).cloned().collect();
        peers.sort();
        peers.dedup();
        peers
    }

    /// Whether anything has been said at all.
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }
}
