//! Sample view models, and every page made of them.

use chorsu_core::bank::OrderState;
use chorsu_core::till::{Delivery, TillState};
use chorsu_core::{MaskedPan, Network, Provider, Tiyin, UnixMillis, Wallet};

use crate::{
    AccountEnding, AccountLine, BankPage, CardDetails, CardPanel, CardProblem, CardStep,
    CheckoutPage, CheckoutStep, ClockPanel, CodePanel, CodeProblem, CodeStep, Counterparty,
    Customer, DemoKassa, DemoPartner, ErrorPage, FaultChoice, FaultLine, FaultProblem, FiscalMark,
    ItemLine, Language, MaskedPhone, ModulePanel, NetworkPanel, NotFoundPage, OrderLine,
    PUBLISHED_TEST_CARDS, Payment, PaymentLine, PinpadCustomer, PinpadPanel, PinpadSums,
    ReceiptLine, ReceiptSummary, Refund, Refusal, SandboxPage, Scan, ServiceLine, SmsLine,
    StartPage, TillPage, WalletPanel,
};

/// 2026-11-30T23:59:59.999+05:00.
pub(super) const MOMENT: UnixMillis = UnixMillis(1_796_065_199_999);
pub(super) const RECEIPT: &str = "2e0b1bc1f1eb50d487ba268d";

pub(super) const KASSAS: [DemoKassa<'static>; 2] = [
    DemoKassa { id: "100fe486b33784292111b7dc", key: "first?key", fields: &["order_id"] },
    DemoKassa {
        id: "5e730e8e0b852a417aa49ceb",
        key: "second&key",
        fields: &["order_id", "loan_id"],
    },
];

const BASE: &str = "http://127.0.0.1:8080";
const PARTNER: DemoPartner<'static> =
    DemoPartner { username: "gray", password: "p@ssw0rd", services: &[1, 2, 27] };
/// A code of Click.
pub(super) const CODE: &str = "880101698207133392";
pub(super) const TRANSACTION: &str = "019aab3e-6f0c-7c41-9a5e-2d1b8f6a7c30";

pub(super) fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

pub(super) fn card() -> MaskedPan {
    MaskedPan::parse("860006******6311").unwrap()
}

pub(super) fn phone() -> &'static MaskedPhone {
    static PHONE: std::sync::OnceLock<MaskedPhone> = std::sync::OnceLock::new();
    PHONE.get_or_init(|| MaskedPhone::of_phone("998901234566").unwrap())
}

/// A checkout in which every text of the shop is `text`.
pub(super) fn checkout<'a>(
    language: Language,
    step: CheckoutStep<'a>,
    text: &'a str,
) -> CheckoutPage<'a> {
    let receipt = ReceiptSummary {
        id: RECEIPT.parse().unwrap(),
        number: 1041,
        amount: tiyin(500_000),
        hold: false,
        shop: text,
        organization: text,
        description: text,
        account: vec![AccountLine { title: text, value: text }],
        items: vec![
            ItemLine { title: text, count: text, sum: tiyin(1_010_000) },
            ItemLine { title: "Delivery", count: "", sum: tiyin(5) },
        ],
        discount: Some(tiyin(10_000)),
    };
    CheckoutPage { language, sandbox: true, receipt, step }
}

pub(super) fn code_step(token: &str) -> CodeStep<'_> {
    CodeStep { token, phone: Some(phone()), seconds: 60, resent: false, problem: None }
}

/// Every step of the checkout, by name.
pub(super) fn steps() -> Vec<(&'static str, CheckoutStep<'static>)> {
    const PROBLEMS: &[CardProblem] =
        &[CardProblem::Unavailable, CardProblem::NumberUnreadable, CardProblem::ExpiryUnreadable];
    let code = code_step("token");
    let wrong = CodeStep { problem: Some(CodeProblem::Wrong), ..code };
    let payment = Payment { card: Some(card()), at: Some(MOMENT) };
    vec![
        ("card", CheckoutStep::Card(CardStep::default())),
        ("card again", CheckoutStep::Card(CardStep { expiry: "13/30", problems: PROBLEMS })),
        ("code", CheckoutStep::Code(code)),
        ("code again", CheckoutStep::Code(wrong)),
        ("code over", CheckoutStep::Code(CodeStep { seconds: 0, phone: None, ..code })),
        ("code resent", CheckoutStep::Code(CodeStep { resent: true, ..code })),
        ("paid", CheckoutStep::Paid(payment)),
        ("paid somehow", CheckoutStep::Paid(Payment::default())),
        ("held", CheckoutStep::Held(payment)),
        ("cancelled", CheckoutStep::Cancelled(Refund::Nothing)),
        ("refunding", CheckoutStep::Cancelled(Refund::UnderWay)),
        ("refunded", CheckoutStep::Cancelled(Refund::Done)),
        ("processing", CheckoutStep::Processing),
        ("paused", CheckoutStep::Paused),
        ("refused", CheckoutStep::Refused(Refusal::InsufficientFunds)),
        ("closed", CheckoutStep::Refused(Refusal::ShopClosed)),
    ]
}

pub(super) fn start(language: Language, sandbox: bool) -> StartPage<'static> {
    StartPage {
        language,
        sandbox,
        version: "1.2.3",
        base_url: BASE,
        partner: Some(PARTNER),
        kassas: &KASSAS,
        cards: &PUBLISHED_TEST_CARDS,
    }
}

/// A sandbox page in which every text from outside is `text`.
pub(super) fn sandbox<'a>(
    language: Language,
    card: CardPanel<'a>,
    text: &'a str,
) -> SandboxPage<'a> {
    let network = |network, faults| NetworkPanel {
        network,
        latency_ms: 3,
        faults,
        debited: tiyin(1_234_567),
        refunded: tiyin(500),
    };
    let fault = |left| FaultLine { name: text, calls: text, left };
    SandboxPage {
        language,
        clock: ClockPanel { now: MOMENT, ahead_ms: 90_000_000, unreadable: false },
        networks: vec![
            network(Network::Uzcard, vec![]),
            network(Network::Humo, vec![fault(Some(3)), fault(None)]),
        ],
        messages: vec![SmsLine { to: text, text, at: MOMENT }],
        card,
    }
}

pub(super) fn scan() -> Scan<'static> {
    Scan {
        transaction_id: TRANSACTION,
        state: TillState::Succeeded,
        amount: tiyin(500_000),
        payment_id: Some("4710103925"),
        phone: Some("998901234566"),
        is_registered: false,
    }
}

pub(super) fn payment() -> PaymentLine<'static> {
    PaymentLine {
        transaction_id: TRANSACTION,
        at: MOMENT,
        provider: Provider::Wallet(Wallet::Payme),
        till: "default",
        amount: tiyin(500_000),
        state: TillState::Succeeded,
        charged: Some(tiyin(500_000)),
        fiscal: Some(FiscalMark { url: "https://ofd.soliq.uz/", delivery: Delivery::Delivered }),
    }
}

/// A page of the till in which every text from outside is `text`.
pub(super) fn till<'a>(language: Language, text: &'a str) -> TillPage<'a> {
    let fiscal = Some(FiscalMark { url: text, delivery: Delivery::Delivered });
    let sums = |sold| PinpadSums {
        sold: tiyin(sold),
        sales: 2,
        voided: tiyin(500),
        voids: 1,
        declined: 4,
    };
    let wallet = |wallet| WalletPanel {
        wallet,
        base_url: text,
        latency_ms: 3,
        paid: tiyin(900),
        payments: 2,
        reversed: tiyin(200),
        reversals: 1,
        net: tiyin(700),
        receipts: 1,
    };
    TillPage {
        language,
        base_url: BASE,
        code: CodePanel {
            wallet: Wallet::Click,
            customer: Customer::Good,
            seed: "0123456789abcdef",
            code: CODE,
            amount: tiyin(500_000),
            amount_number: 5_000,
            scan: None,
        },
        payments: vec![PaymentLine { till: text, fiscal, ..payment() }],
        wallets: Wallet::ALL.map(wallet).into(),
        pinpad: PinpadPanel {
            customer: PinpadCustomer::Poor,
            shift: 7,
            in_shift: sums(1_000),
            in_all: sums(1_234_567),
        },
        module: ModulePanel {
            terminal: text,
            shift: 3,
            is_open: true,
            registered: 11,
            unsent: 2,
            sold: tiyin(5_000),
            refunded: tiyin(100),
            is_connected: true,
            is_online: true,
            receipts: vec![ReceiptLine {
                number: 11,
                time: text,
                sign: Some(text),
                sum: tiyin(100),
                is_refund: true,
            }],
        },
        faults: vec![
            (Counterparty::Pinpad, vec![]),
            (Counterparty::Module, vec![FaultLine { name: text, calls: text, left: Some(3) }]),
        ],
        choice: FaultChoice::default(),
    }
}

pub(super) fn order(order_id: &str) -> OrderLine<'_> {
    let (amount, state) = (tiyin(500_000), OrderState::Posted);
    OrderLine { order_id, service: 2, at: MOMENT, amount, state }
}

/// A page of the bank in which every text from outside is `text`.
pub(super) fn bank<'a>(language: Language, text: &'a str) -> BankPage<'a> {
    let service = |number, needs_card| ServiceLine {
        number,
        name: text,
        account: text,
        needs_card,
        available: tiyin(10_000_000_000),
        reserved: tiyin(7),
    };
    BankPage {
        language,
        base_url: BASE,
        partner: PARTNER,
        ending: AccountEnding::Good,
        order_id: "179606519999",
        services: vec![service(34, true), service(2, false)],
        orders: vec![order(text)],
        settle_after_ms: 1_000,
        faults: vec![FaultLine { name: text, calls: text, left: None }],
        is_full: false,
    }
}

pub(super) fn details(phone: &str) -> CardDetails<'_> {
    CardDetails {
        card: card(),
        network: Network::Uzcard,
        phone,
        balance: tiyin(100_000),
        held: tiyin(200),
        daily_limit: tiyin(300_000),
        spent_today: tiyin(400),
        blocked: false,
        sms: true,
        changed: true,
    }
}

/// Every page in `language`, by name.
pub(super) fn pages(language: Language) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = steps()
        .into_iter()
        .map(|(name, step)| (name.to_owned(), checkout(language, step, "Shop").render().unwrap()))
        .collect();
    let mut put = |name: &str, html: String| pages.push((name.to_owned(), html));
    put("start", start(language, true).render().unwrap());
    put("live", start(language, false).render().unwrap());
    let panels = [
        ("sandbox", CardPanel::Empty),
        ("sandbox card", CardPanel::Shown(details("998901234566"))),
        ("sandbox number", CardPanel::Number(CardProblem::NumberUnknown)),
        ("sandbox balance", CardPanel::Balance),
    ];
    for (name, panel) in panels {
        put(name, sandbox(language, panel, "text").render().unwrap());
    }
    let clock = ClockPanel { now: MOMENT, ahead_ms: 0, unreadable: true };
    let fresh = sandbox(language, CardPanel::Empty, "text");
    put("sandbox clock", SandboxPage { clock, messages: vec![], ..fresh }.render().unwrap());
    let page = till(language, "text");
    let code = CodePanel { scan: Some(scan()), ..page.code };
    let choice = FaultChoice { problem: Some(FaultProblem::Full), ..page.choice };
    let (payments, faults) = (vec![], vec![]);
    put("till", page.render().unwrap());
    put("till scanned", TillPage { code, payments, faults, choice, ..page }.render().unwrap());
    let page = bank(language, "text");
    put("bank", page.render().unwrap());
    let (orders, faults) = (vec![], vec![]);
    put("bank full", BankPage { orders, faults, is_full: true, ..page }.render().unwrap());
    put("not found", NotFoundPage { language }.render().unwrap());
    put("error", ErrorPage { language, trace_id: "4bf92f3577b34da6" }.render().unwrap());
    pages
}
