//! Replaying every chain of entries, and comparing heads and balances with what comes out.

use std::collections::BTreeMap;

use chorsu_core::chain::{Head, Link};
use chorsu_core::{Account, EntryKind, UnixMillis};

use super::{Ledger, PAGE, Place, Progress, Report, Stage, StoredDay, StoredEntry, parse_postings};
use crate::error::StoreError;

/// What the accounts begin with that are counted by day.
const MERCHANT: &str = "merchant:";

/// Checks every entry, every chain, every lane's head and every balance.
pub(super) async fn check(
    ledger: &impl Ledger,
    report: &mut Report,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let lanes = ledger.lanes().await?;
    let total = lanes.iter().filter_map(|lane| u64::try_from(lane.seq).ok()).sum();
    let marks = ledger.day_marks().await?.into_iter().collect();
    let mut replay = Replay { marks, ..Replay::default() };
    let mut page = ledger.entries(Place { lane: -1, seq: 0 }, PAGE).await?;
    while let Some(last) = page.last().map(|entry| entry.place) {
        // The next page is on its way while this one is checked.
        let (next, ()) = tokio::join!(biased; ledger.entries(last, PAGE), async {
            page.iter().for_each(|entry| replay.entry(entry, report));
        });
        page = next?;
        progress(Progress { stage: Stage::Entries, done: report.entries, total });
    }
    for lane in &lanes {
        let head = replay.heads.remove(&lane.lane).unwrap_or(Head::EMPTY);
        let seq = i64::try_from(head.seq).unwrap_or(i64::MAX);
        if (lane.seq, &lane.hash[..]) != (seq, &head.hash[..]) {
            report.find(format_args!(
                "lane {} says its last entry is {}, but the last one there is {seq}, or its hash \
                 is another",
                lane.lane, lane.seq
            ));
        }
    }
    for lane in replay.heads.keys() {
        report.find(format_args!("lane {lane} has entries but no row of its own"));
    }
    report.lanes = lanes.len() as u64 + replay.heads.len() as u64;
    balances(ledger, replay.sums, report).await?;
    days(ledger, replay.days, report).await
}

/// Compares the balances with the sums of the postings.
async fn balances(
    ledger: &impl Ledger,
    mut sums: BTreeMap<i32, BTreeMap<String, i128>>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut overall = 0;
    let mut accounts = std::collections::BTreeSet::new();
    for balance in ledger.balances().await? {
        let sum = sums.get_mut(&balance.lane).and_then(|sums| sums.remove(&balance.account));
        let sum = sum.unwrap_or(0);
        overall += i128::from(balance.amount);
        if sum != i128::from(balance.amount) {
            report.find(format_args!(
                "the balance of account {} in lane {} is {}, but its postings sum to {sum}",
                balance.account, balance.lane, balance.amount
            ));
        }
        accounts.insert(balance.account);
    }
    if overall != 0 {
        report.find(format_args!("the balances of all accounts sum to {overall} instead of zero"));
    }
    for (lane, sums) in sums {
        for (account, sum) in sums {
            if sum != 0 {
                report.find(format_args!(
                    "account {account} in lane {lane} has no balance, but its postings sum to {sum}"
                ));
            }
            accounts.insert(account);
        }
    }
    report.accounts = accounts.len() as u64;
    Ok(())
}

/// Compares what was counted by day with the sums of the postings up to the marks.
async fn days(ledger: &impl Ledger, mut days: Days, report: &mut Report) -> Result<(), StoreError> {
    let mut compare = |account: &str, day: i64, counted: i128, sum: i128| {
        if counted != sum {
            report.find(format_args!(
                "account {account} was counted to change by {counted} on day {day}, but its \
                 postings sum to {sum}"
            ));
        }
    };
    for StoredDay { account, day, amount } in ledger.balance_days().await? {
        let sum = days.get_mut(&account).and_then(|days| days.remove(&day)).unwrap_or(0);
        compare(&account, day, i128::from(amount), sum);
    }
    for (account, left) in &days {
        left.iter().for_each(|(day, sum)| compare(account, *day, 0, *sum));
    }
    let wrong = ledger.wrong_statement_days().await?;
    if wrong != 0 {
        report.find(format_args!("{wrong} days of statements were not counted as their lines are"));
    }
    Ok(())
}

/// What accounts change by on each day.
type Days = BTreeMap<String, BTreeMap<i64, i128>>;

/// What has come out of the entries so far.
#[derive(Default)]
struct Replay {
    heads: BTreeMap<i32, Head>,
    sums: BTreeMap<i32, BTreeMap<String, i128>>,
    /// Up to which entries days are counted, by lane.
    marks: BTreeMap<i32, i64>,
    /// What merchants' accounts change by in those entries.
    days: Days,
}

impl Replay {
    fn entry(&mut self, entry: &StoredEntry, report: &mut Report) {
        report.entries += 1;
        self.link(entry, report);
        let Place { lane, seq } = entry.place;
        if EntryKind::from_code(&entry.kind).is_none() {
            report.find(format_args!("entry {seq} of lane {lane} is of an unknown kind"));
        }
        let Some(postings) = parse_postings(&entry.postings) else {
            report.find(format_args!("the postings of entry {seq} of lane {lane} are unreadable"));
            return;
        };
        let sum: i128 = postings.iter().map(|(_, amount)| i128::from(*amount)).sum();
        let is_empty = postings.len() < 2 || postings.iter().any(|(_, amount)| *amount == 0);
        if sum != 0 || is_empty {
            report.find(format_args!(
                "entry {seq} of lane {lane} does not balance: {}",
                entry.postings
            ));
        }
        let is_counted = self.marks.get(&lane).is_some_and(|mark| seq <= *mark);
        let sums = self.sums.entry(lane).or_default();
        for (account, amount) in postings {
            if is_counted && account.starts_with(MERCHANT) {
                let day = UnixMillis(entry.at).tashkent_day();
                let days = match self.days.get_mut(account) {
                    Some(days) => days,
                    None => self.days.entry(account.to_owned()).or_default(),
                };
                *days.entry(day).or_default() += i128::from(amount);
            }
            match sums.get_mut(account) {
                Some(sum) => *sum += i128::from(amount),
                None => {
                    if account.parse::<Account>().is_err() {
                        report.find(format_args!(
                            "entry {seq} of lane {lane} names an account that does not exist: \
                             {account}"
                        ));
                    }
                    sums.insert(account.to_owned(), i128::from(amount));
                }
            }
        }
    }

    /// Checks the entry's place in its chain. Whatever is wrong, the chain goes on from what the
    /// entry itself says, so that one changed row is one finding.
    fn link(&mut self, entry: &StoredEntry, report: &mut Report) {
        let Place { lane, seq } = entry.place;
        let head = self.heads.entry(lane).or_insert(Head::EMPTY);
        let (Ok(number), Ok(chain)) = (u64::try_from(seq), u16::try_from(lane)) else {
            report.find(format_args!("entry {seq} of lane {lane} has an impossible number"));
            return;
        };
        if number == head.seq + 1 {
            let link = Link {
                kind: &entry.kind,
                owner: entry.owner,
                document: entry.document,
                at: UnixMillis(entry.at),
                postings: &entry.postings,
            };
            if head.append(chain, &link).hash != entry.hash {
                report.find(format_args!(
                    "entry {seq} of lane {lane} or the one before it was changed: its hash does \
                     not fit"
                ));
            }
        } else {
            let last = head.seq;
            report.find(format_args!("lane {lane} has a hole: entry {seq} follows entry {last}"));
        }
        *head = Head { seq: number, hash: entry.hash };
    }
}
