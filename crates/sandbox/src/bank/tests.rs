//! The rules of the book, on records in memory and at chosen moments.

mod holds;

use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::iso8583::Ascii;
use chorsu_core::{Network, OperationId, Pan, Tiyin, UnixMillis};

use super::{
    Call, CardChange, CardView, Desk, FollowUp, Halt, HostAnswer, Kind, Opening, Sight, TotalsView,
    Verdict, card_key, totals_key,
};
use crate::book::{Book, RecordKey};
use crate::memory::MemoryBook;

const UZ: &str = "8600495473316478";
const HUMO: &str = "9860010101010101";
const PLENTY: i64 = 100_000_000_000_000;
/// 2026-11-20T00:00:00+05:00.
const START: i64 = 1_795_114_800_000;
const HOUR: i64 = 3_600_000;

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

fn id(number: u8) -> OperationId {
    OperationId([number; 12])
}

/// A book, a network and a moment.
struct Host {
    book: MemoryBook,
    network: Network,
    now: i64,
}

impl Host {
    fn new(network: Network) -> Self {
        Self { book: MemoryBook::default(), network, now: START + 12 * HOUR }
    }

    fn sight(&self, pan: &str, mmyy: &str) -> Sight {
        let yymm = format!("{}{}", &mmyy[2..], &mmyy[..2]);
        Sight::new(self.network, &Pan::parse(pan).unwrap(), Ascii::parse(&yymm))
    }

    fn transact<T>(&mut self, mut keys: Vec<RecordKey>, work: impl Fn(&mut Desk<'_>) -> T) -> T {
        keys.sort_unstable();
        keys.dedup();
        let mut result = None;
        let decide = &mut |records: &mut crate::Records| {
            let mut desk = Desk::new(records, UnixMillis(self.now));
            result = Some(work(&mut desk));
            desk.save();
        };
        self.book.transact(&keys, decide).unwrap();
        result.unwrap()
    }

    fn forced(&mut self, call: &Call, forced: Option<CardRefusal>) -> HostAnswer {
        let network = self.network;
        let mut keys = Vec::new();
        call.keys(network, &mut keys);
        match self.transact(keys.clone(), |desk| desk.perform(network, call, forced)) {
            Ok(answer) => answer,
            Err(Halt::Needs(key)) => {
                keys.push(key);
                self.transact(keys, |desk| desk.perform(network, call, forced)).unwrap()
            }
            Err(halt) => panic!("{halt:?}"),
        }
    }

    fn perform(&mut self, call: &Call) -> HostAnswer {
        self.forced(call, None)
    }

    fn opening(&self, kind: Kind, number: u8, pan: &str, amount: i64) -> Call {
        let (operation, card) = (id(number), self.sight(pan, "0399"));
        Call::Open(Opening { operation, kind, card, amount: tiyin(amount) })
    }

    fn debit(&mut self, number: u8, pan: &str, amount: i64) -> HostAnswer {
        self.perform(&self.opening(Kind::Debit, number, pan, amount))
    }

    fn hold(&mut self, number: u8, pan: &str, amount: i64) -> HostAnswer {
        self.perform(&self.opening(Kind::Hold, number, pan, amount))
    }

    fn follow(&mut self, kind: Kind, number: u8, original: u8, amount: i64) -> HostAnswer {
        let amount = (kind != Kind::Release).then(|| tiyin(amount));
        let (operation, original) = (id(number), id(original));
        self.perform(&Call::Follow(FollowUp { operation, kind, original, amount }))
    }

    fn ask(&mut self, number: u8) -> HostAnswer {
        self.perform(&Call::Ask(id(number)))
    }

    fn change(&mut self, pan: &str, change: CardChange) -> CardView {
        let (network, sight) =
            (self.network, Sight::new(self.network, &Pan::parse(pan).unwrap(), None));
        let look = |desk: &mut Desk<'_>| desk.look(network, &sight, change).unwrap().unwrap();
        self.transact(vec![card_key(network, sight.tag)], look)
    }

    /// Balance and held.
    fn money(&mut self, pan: &str) -> (i64, i64) {
        let card = self.change(pan, CardChange::default());
        (card.balance, card.held)
    }

    fn totals(&mut self) -> TotalsView {
        let network = self.network;
        self.transact(vec![totals_key(network)], |desk| desk.totals(network).unwrap())
    }
}

fn approved(amount: i64) -> HostAnswer {
    HostAnswer::Decided { verdict: Verdict::Approved, amount: tiyin(amount), wait_ms: 0 }
}

/// Whether a decided answer refuses for this reason.
fn refused(answer: HostAnswer, reason: CardRefusal) -> bool {
    matches!(answer, HostAnswer::Decided { verdict, .. } if verdict == Verdict::Refused(reason))
}

fn told(amount: i64, released: bool) -> HostAnswer {
    HostAnswer::Told { verdict: Verdict::Approved, amount: tiyin(amount), released }
}

#[test]
fn cards_are_admitted_as_documented() {
    use CardRefusal as R;
    let (uz, humo) = (Network::Uzcard, Network::Humo);
    let card = |sms| Ok(sms);
    let cases = [
        (uz, UZ, "0399", card(true)),
        (uz, "8600069195406311", "0399", card(true)),
        (uz, "8600060921090842", "0399", card(false)),
        (uz, "3333336415804657", "0399", Err(R::Expired)),
        (uz, "4444445987459073", "0399", Err(R::Blocked)),
        (uz, "8600143417770323", "0399", card(true)),
        (uz, "8600134301849596", "0399", card(true)),
        (humo, HUMO, "0399", card(true)),
        // A published test card has one expiry.
        (uz, UZ, "0499", Err(R::WrongExpiry)),
        (humo, HUMO, "0398", Err(R::WrongExpiry)),
        // Any other number that passes Luhn, good to the end of its month.
        (uz, "8600123412341239", "1126", card(true)),
        (uz, "8600123412341239", "1026", Err(R::Expired)),
        (uz, "8600123412341234", "1126", Err(R::NotFound)),
        (humo, "9860531554896678", "1126", Err(R::NotFound)),
        // The other network's card.
        (humo, UZ, "0399", Err(R::NotFound)),
        (uz, HUMO, "0399", Err(R::NotFound)),
    ];
    for (network, pan, mmyy, want) in cases {
        let mut host = Host::new(network);
        let answer = host.perform(&Call::Inquire(host.sight(pan, mmyy)));
        let got = match answer {
            HostAnswer::Card { phone, sms } => {
                assert!((998_900_000_000..998_910_000_000).contains(&phone), "{phone}");
                Ok(sms)
            }
            HostAnswer::Refused(refusal) => Err(refusal),
            other => panic!("{other:?}"),
        };
        assert_eq!(got, want, "{pan} {mmyy}");
    }
}

#[test]
fn a_card_keeps_the_expiry_it_was_first_seen_with() {
    let mut host = Host::new(Network::Uzcard);
    let pan = "8600123412341239";
    host.change(pan, CardChange { balance: Some(7), ..CardChange::default() });
    for (mmyy, known) in [("1227", true), ("1228", false), ("1227", true)] {
        let answer = host.perform(&Call::Inquire(host.sight(pan, mmyy)));
        let want = HostAnswer::Refused(CardRefusal::WrongExpiry);
        assert_eq!(answer != want, known, "{mmyy}: {answer:?}");
    }
    let card = host.change(pan, CardChange::default());
    assert_eq!((card.expiry.as_deref(), card.balance), (Some("2712"), 7));
    assert_eq!(card.number, "860012******1239");
}

#[test]
fn payments_with_the_published_test_cards_end_as_documented() {
    use CardRefusal as R;
    let cases = [
        (UZ, None),
        ("8600060921090842", Some(R::SmsOff)),
        ("3333336415804657", Some(R::Expired)),
        ("4444445987459073", Some(R::Blocked)),
        ("8600143417770323", Some(R::SystemError)),
        ("8600134301849596", Some(R::Unavailable)),
    ];
    for (pan, want) in cases {
        for kind in [Kind::Debit, Kind::Hold] {
            let mut host = Host::new(Network::Uzcard);
            let answer = host.perform(&host.opening(kind, 1, pan, 500));
            match want {
                None => assert_eq!(answer, approved(500)),
                Some(refusal) => assert!(refused(answer, refusal), "{pan}: {answer:?}"),
            }
            let taken = if want.is_none() { 500 } else { 0 };
            assert_eq!(host.money(pan).0, PLENTY - taken, "{pan}");
        }
    }
}

#[test]
fn the_slow_card_is_being_processed_for_ten_seconds() {
    let mut host = Host::new(Network::Uzcard);
    let debit = host.opening(Kind::Debit, 1, "8600134301849596", 500);
    let waits = |answer| match answer {
        HostAnswer::Decided { wait_ms, .. } => wait_ms,
        other => panic!("{other:?}"),
    };
    assert_eq!(waits(host.perform(&debit)), 10_000);
    host.now += 4_000;
    assert_eq!(host.ask(1), HostAnswer::InProgress);
    assert_eq!(waits(host.perform(&debit)), 6_000);
    host.now += 6_000;
    let (verdict, amount) = (Verdict::Refused(CardRefusal::Unavailable), tiyin(500));
    assert_eq!(host.ask(1), HostAnswer::Told { verdict, amount, released: false });
}

#[test]
fn money_and_daily_limit_bound_what_can_be_taken() {
    use CardRefusal as R;
    let mut host = Host::new(Network::Uzcard);
    let limits =
        CardChange { balance: Some(1_000), daily_limit: Some(700), ..CardChange::default() };
    host.change(UZ, limits);
    assert!(refused(host.debit(1, UZ, 0), R::InvalidAmount));
    assert!(refused(host.debit(2, UZ, 1_001), R::InsufficientFunds));
    assert!(refused(host.debit(3, UZ, 701), R::LimitExceeded));
    assert_eq!(host.debit(4, UZ, 300), approved(300));
    assert_eq!(host.hold(5, UZ, 400), approved(400));
    assert!(refused(host.debit(6, UZ, 1), R::LimitExceeded));
    // Twelve hours later it is the next day in Tashkent.
    host.now += 12 * HOUR - 1;
    assert!(refused(host.debit(7, UZ, 1), R::LimitExceeded));
    host.now += 1;
    assert!(refused(host.debit(8, UZ, 301), R::InsufficientFunds));
    assert_eq!(host.debit(9, UZ, 300), approved(300));
    assert_eq!(host.money(UZ), (0, 400));
    host.change(UZ, CardChange { blocked: Some(true), ..CardChange::default() });
    assert!(refused(host.debit(10, UZ, 1), R::Blocked));
    assert_eq!(host.totals().net, 600);
}

#[test]
fn an_operation_is_decided_once() {
    let mut host = Host::new(Network::Uzcard);
    assert_eq!(host.debit(1, UZ, 500), approved(500));
    for _ in 0..3 {
        assert_eq!(host.debit(1, UZ, 500), approved(500));
    }
    assert!(refused(host.debit(1, UZ, 501), CardRefusal::Duplicate));
    assert!(refused(host.hold(1, UZ, 500), CardRefusal::Duplicate));
    assert!(refused(host.debit(1, "8600069195406311", 500), CardRefusal::Duplicate));
    assert!(refused(host.follow(Kind::Refund, 1, 1, 500), CardRefusal::Duplicate));
    assert_eq!(host.money(UZ).0, PLENTY - 500);
    // A refusal stays one, even when its reason has gone.
    host.change(UZ, CardChange { balance: Some(0), ..CardChange::default() });
    assert!(refused(host.debit(2, UZ, 500), CardRefusal::InsufficientFunds));
    host.change(UZ, CardChange { balance: Some(500), ..CardChange::default() });
    assert!(refused(host.debit(2, UZ, 500), CardRefusal::InsufficientFunds));
    // So does one by a fault; but a fault does not undo what was decided.
    let third = host.opening(Kind::Debit, 3, UZ, 500);
    let down = Some(CardRefusal::Unavailable);
    assert!(refused(host.forced(&third, down), CardRefusal::Unavailable));
    assert!(refused(host.perform(&third), CardRefusal::Unavailable));
    let first = host.opening(Kind::Debit, 1, UZ, 500);
    assert_eq!(host.forced(&first, down), approved(500));
    assert_eq!(host.money(UZ).0, 500);
}

#[test]
fn what_was_taken_comes_back_once() {
    use CardRefusal as R;
    let mut host = Host::new(Network::Humo);
    host.debit(1, HUMO, 500);
    assert!(refused(host.follow(Kind::Refund, 2, 1, 499), R::InvalidAmount));
    assert!(refused(host.follow(Kind::Release, 3, 1, 0), R::NotAllowed));
    assert!(refused(host.follow(Kind::Capture, 4, 1, 500), R::NotAllowed));
    assert_eq!(host.follow(Kind::Refund, 5, 1, 500), approved(500));
    assert_eq!(host.follow(Kind::Refund, 5, 1, 500), approved(500));
    assert!(refused(host.follow(Kind::Refund, 6, 1, 500), R::AlreadyDone));
    assert!(refused(host.follow(Kind::Refund, 7, 99, 500), R::OriginalNotFound));
    assert!(refused(host.follow(Kind::Refund, 8, 5, 500), R::OriginalNotFound));
    assert_eq!(host.money(HUMO), (PLENTY, 0));
    assert_eq!(host.ask(1), told(500, false));
    let totals = TotalsView { debited: 500, debits: 1, refunded: 500, refunds: 1, net: 0 };
    assert_eq!(host.totals(), totals);
}

#[test]
fn a_refused_operation_has_nothing_to_follow() {
    let mut host = Host::new(Network::Uzcard);
    let not_a_card = "8600123412341234";
    assert!(refused(host.debit(1, not_a_card, 500), CardRefusal::NotFound));
    host.change(UZ, CardChange { balance: Some(0), ..CardChange::default() });
    assert!(refused(host.hold(2, UZ, 500), CardRefusal::InsufficientFunds));
    for (number, original) in [(3, 1), (4, 2)] {
        let answer = host.follow(Kind::Capture, number, original, 500);
        assert!(refused(answer, CardRefusal::OriginalNotFound), "{answer:?}");
    }
    let (verdict, amount) = (Verdict::Refused(CardRefusal::InsufficientFunds), tiyin(500));
    assert_eq!(host.ask(2), HostAnswer::Told { verdict, amount, released: false });
}

#[test]
fn what_was_asked_about_before_it_came_never_comes_true() {
    let mut host = Host::new(Network::Uzcard);
    assert_eq!(host.ask(1), HostAnswer::Unseen);
    assert!(refused(host.debit(1, UZ, 500), CardRefusal::Withdrawn));
    assert!(refused(host.hold(1, UZ, 500), CardRefusal::Withdrawn));
    assert_eq!(host.ask(1), HostAnswer::Unseen);
    host.hold(2, UZ, 500);
    assert_eq!(host.ask(3), HostAnswer::Unseen);
    assert!(refused(host.follow(Kind::Capture, 3, 2, 500), CardRefusal::Withdrawn));
    assert_eq!(host.follow(Kind::Capture, 4, 2, 500), approved(500));
    assert!(refused(host.follow(Kind::Refund, 5, 1, 500), CardRefusal::OriginalNotFound));
}

#[test]
fn no_record_has_a_whole_card_number() {
    let mut host = Host::new(Network::Uzcard);
    host.hold(1, UZ, 500);
    host.follow(Kind::Capture, 2, 1, 500);
    let mut seen = 0;
    for kind in ["uzcard.card", "uzcard.operation", "uzcard.totals"] {
        for (record, text) in host.book.newest(kind, 10).unwrap() {
            seen += 1;
            assert!(!text.contains(UZ) && !text.contains(&UZ[6..]), "{text}");
            assert!(!record.windows(16).any(|bytes| bytes == UZ.as_bytes()));
            assert!(text.len() < 200, "{text}");
        }
    }
    assert_eq!(seen, 4);
}
