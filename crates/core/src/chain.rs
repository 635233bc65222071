//! The hash chain over ledger entries: each lane's entries carry a hash of all before them, so
//! that a changed, missing or inserted row is found by a replay.

use sha2::{Digest, Sha256};

use crate::entry::{Entry, Posting};
use crate::id::{DocumentId, OwnerId};
use crate::time::UnixMillis;

/// The hash an entry carries.
pub type ChainHash = [u8; 32];

/// The end of one lane's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 when there is none.
    pub seq: u64,
    /// Its hash; zeros when there is none.
    pub hash: ChainHash,
}

impl Head {
    /// The head of a chain without entries.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };

    /// Appends an entry and returns the new head, whose number and hash the entry is stored with.
    ///
    /// # Panics
    /// After 2^64 entries of one lane.
    #[must_use]
    pub fn append(&self, lane: u16, link: &Link<'_>) -> Self {
        #[expect(clippy::expect_used, reason = "2^64 entries cannot be written")]
        let seq = self.seq.checked_add(1).expect("a lane never has 2^64 entries");
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        hasher.update(lane.to_be_bytes());
        hasher.update(seq.to_be_bytes());
        hasher.update(link.at.0.to_be_bytes());
        hasher.update(link.owner.as_bytes());
        hasher.update(link.document.as_bytes());
        for text in [link.kind, link.postings] {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        Self { seq, hash: hasher.finalize().into() }
    }
}

/// What of an entry goes into the chain: exactly its stored columns.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// The code of its kind.
    pub kind: &'a str,
    /// The kassa or the bank partner.
    pub owner: OwnerId,
    /// The document.
    pub document: DocumentId,
    /// When.
    pub at: UnixMillis,
    /// The postings as stored, see [`postings_text`].
    pub postings: &'a str,
}

impl<'a> Link<'a> {
    /// The link of a decided entry; `postings` is its [`postings_text`].
    #[must_use]
    pub fn of(entry: &Entry, postings: &'a str) -> Self {
        let Entry { kind, owner, document, at, postings: _ } = entry;
        Self { kind: kind.code(), owner: *owner, document: *document, at: *at, postings }
    }
}

/// The stored form of postings: a JSON array of `[account, amount]` pairs, debit positive. Plain
/// enough to be read in SQL and fixed enough to be hashed.
#[must_use]
pub fn postings_text(postings: &[Posting]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(48 * postings.len());
    for posting in postings {
        text.push(if text.is_empty() { '[' } else { ',' });
        // Writing to a String cannot fail, and account names need no escaping.
        let _ = write!(text, "[\"{}\",{}]", posting.account, posting.amount);
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;

    const POSTINGS: &str = r#"[["fees",5],["suspense",-5]]"#;

    fn link(postings: &str) -> Link<'_> {
        Link {
            kind: "receipt_paid",
            owner: OwnerId([1; 12]),
            document: DocumentId([2; 12]),
            at: UnixMillis(3),
            postings,
        }
    }

    #[test]
    fn postings_are_stored_as_plain_json() {
        let postings = [
            Posting { account: Account::Fees, amount: 5 },
            Posting { account: Account::Suspense, amount: -5 },
        ];
        assert_eq!(postings_text(&postings), POSTINGS);
    }

    #[test]
    fn every_column_and_the_past_change_the_hash() {
        let first = Head::EMPTY.append(0, &link(POSTINGS));
        assert_eq!(first.seq, 1);
        let others = [
            Head::EMPTY.append(1, &link(POSTINGS)),
            Head::EMPTY.append(0, &link("[]")),
            Head::EMPTY.append(0, &Link { kind: "receipt_held", ..link(POSTINGS) }),
            Head::EMPTY.append(0, &Link { at: UnixMillis(4), ..link(POSTINGS) }),
            Head::EMPTY.append(0, &Link { owner: OwnerId([9; 12]), ..link(POSTINGS) }),
            Head::EMPTY.append(0, &Link { document: DocumentId([9; 12]), ..link(POSTINGS) }),
            first.append(0, &link(POSTINGS)),
        ];
        for other in others {
            assert_ne!(other.hash, first.hash);
        }
        assert_eq!(Head::EMPTY.append(0, &link(POSTINGS)), first);
    }
}
