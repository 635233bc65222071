//! One batch between its rows and its writes: the part that both backends share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chorsu_core::chain::{ChainHash, Head, Link, postings_text};
use chorsu_core::{
    Account, CardId, Command, DocumentId, Entry, ReceiptId, Rows, ServiceId, decide,
};

use crate::lane::Answers;

/// The keys a batch of commands reads, without repeats and in key order, so that two lanes that
/// lock the same rows do it in the same order.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) receipts: BTreeSet<ReceiptId>,
    pub(crate) cards: BTreeSet<CardId>,
    /// Those of the cards that may change even if they are recurrent. Paying changes only a
    /// one-time card, so payments with one recurrent card need not wait for each other.
    pub(crate) cards_changing: BTreeSet<CardId>,
    pub(crate) keys: BTreeSet<(chorsu_core::KassaId, String)>,
    pub(crate) documents: BTreeSet<DocumentId>,
    pub(crate) lookups: BTreeSet<Arc<str>>,
    /// Those of the lookups that most likely find nothing.
    pub(crate) likely_free: BTreeSet<Arc<str>>,
    pub(crate) services: BTreeSet<ServiceId>,
    /// How many receipts the batch creates at most.
    pub(crate) creates: i64,
}

impl Needs {
    pub(crate) fn of(commands: &[Command]) -> Self {
        let mut needs = Self::default();
        for command in commands {
            let keys = command.keys();
            needs.receipts.extend(keys.receipt);
            needs.cards.extend(keys.card);
            if !matches!(command, Command::BeginPay(_)) {
                needs.cards_changing.extend(keys.card);
            }
            needs.keys.extend(keys.key.map(|key| (key.kassa, key.key.clone())));
            needs.documents.extend(keys.documents.iter().flatten());
            needs.lookups.extend(keys.lookups.into_iter().flatten().cloned());
            needs.likely_free.extend(keys.likely_free.cloned());
            needs.lookups.extend(keys.more_lookups.iter().cloned());
            needs.services.extend(keys.service);
            needs.creates += i64::from(matches!(command, Command::CreateReceipt { .. }));
        }
        needs.likely_free = needs.likely_free.difference(&needs.lookups).cloned().collect();
        needs.lookups.extend(needs.likely_free.iter().cloned());
        needs
    }
}

/// Decides the commands one after the other; `rows` gathers what must be written.
pub(crate) fn decide_all(commands: &[Command], rows: &mut Rows) -> Answers {
    let mut answers = Answers::with_capacity(commands.len());
    for command in commands {
        answers.push(decide(command, rows).map(|plan| {
            let reply = plan.reply.clone();
            rows.apply(plan);
            reply
        }));
    }
    answers
}

/// An entry with its place in the chain, as it is stored.
pub(crate) struct ChainedEntry {
    pub(crate) entry: Entry,
    pub(crate) seq: i64,
    pub(crate) postings: String,
    pub(crate) hash: ChainHash,
}

/// Gives entries their places after `head`, and sums what each account changes by.
///
/// Returns the new head. Sums are checked: a ledger that would overflow stops instead.
pub(crate) fn chain(
    lane: u16,
    mut head: Head,
    entries: Vec<Entry>,
) -> (Head, Vec<ChainedEntry>, BTreeMap<Account, i64>) {
    let mut chained = Vec::with_capacity(entries.len());
    let mut changes: BTreeMap<Account, i64> = BTreeMap::new();
    for entry in entries {
        let sum: i128 = entry.postings.postings().iter().map(|line| i128::from(line.amount)).sum();
        assert!(sum == 0, "an entry that does not balance must never be written");
        for posting in entry.postings.postings() {
            let change = changes.entry(posting.account).or_insert(0);
            #[expect(clippy::expect_used, reason = "stopping beats a wrong balance")]
            let changed = change.checked_add(posting.amount).expect("a balance change overflows");
            *change = changed;
        }
        let postings = postings_text(entry.postings.postings());
        head = head.append(lane, &Link::of(&entry, &postings));
        #[expect(clippy::expect_used, reason = "2^63 entries cannot be written")]
        let seq = i64::try_from(head.seq).expect("a lane never has 2^63 entries");
        chained.push(ChainedEntry { entry, seq, postings, hash: head.hash });
    }
    changes.retain(|_, change| *change != 0);
    (head, chained, changes)
}
