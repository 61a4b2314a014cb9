//! Sixteen ways to break the promise, each made around the real code (nothing in it knows): a simulation that stays green
//! under one of them proves nothing. Not here: where each bites (`office`, `people`, `restores`).

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A receipt leaves before the letter is durable.
    ReceiptBeforeDurable,
    /// A person is answered before her letter is durable.
    AnswerBeforeAppend,
    /// A restart forgets which letters it has.
    DedupForgotten,
    /// The highest card of a peer is forgotten: an older one is used again.
    CardOrderOff,
    /// The number of one's own card is not durable.
    CounterNotDurable,
    /// A delivered letter is queued again.
    StatusGoesBack,
    /// Segnalazioni are sealed under an expired directory.
    ExpiryIgnored,
    /// What the woman allows is not looked at when a letter is sealed.
    AuthorisationIgnored,
    /// A revocation is installed and not heeded.
    RevokedSenderAccepted,
    /// A restart keeps the courier of the life before.
    CourierKept,
    /// An older directory replaces a newer one.
    DirectoryGoesBack,
    /// A retry is a new letter.
    LetterIdChanged,
    /// What a restored office asks for is never given.
    ResyncUnanswered,
    /// A restore is given no tombstones.
    TombstonesIgnored,
    /// An office's new key is taken without anybody's yes.
    KeyTakenUnasked,
    /// Replay passes over letters that were blocked.
    BlockedNotReplayed,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::ReceiptBeforeDurable,
        Self::AnswerBeforeAppend,
        Self::DedupForgotten,
        Self::CardOrderOff,
        Self::CounterNotDurable,
        Self::StatusGoesBack,
        Self::ExpiryIgnored,
        Self::AuthorisationIgnored,
        Self::RevokedSenderAccepted,
        Self::CourierKept,
        Self::DirectoryGoesBack,
        Self::LetterIdChanged,
        Self::ResyncUnanswered,
        Self::TombstonesIgnored,
        Self::KeyTakenUnasked,
        Self::BlockedNotReplayed,
    ];

    /// As typed.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// By name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sabotage| sabotage.name() == name)
    }

    /// The check that must see it, by the beginning of its violations.
    pub fn caught_by(self) -> &'static str {
        match self {
            Self::ReceiptBeforeDurable => "I3",
            Self::AnswerBeforeAppend | Self::DedupForgotten | Self::ResyncUnanswered => "I1",
            Self::CardOrderOff | Self::CounterNotDurable => "card",
            Self::StatusGoesBack => "status",
            Self::ExpiryIgnored => "I6",
            Self::AuthorisationIgnored => "authorisation",
            Self::RevokedSenderAccepted => "I4",
            Self::CourierKept => "I9",
            Self::DirectoryGoesBack => "I5",
            Self::LetterIdChanged => "one-act",
            Self::TombstonesIgnored => "erased",
            Self::KeyTakenUnasked => "yes",
            Self::BlockedNotReplayed => "I10",
        }
    }
}
