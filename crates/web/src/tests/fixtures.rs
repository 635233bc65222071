//! Sample view models, and every page made of them.

use chorsu_core::{MaskedPan, Network, Tiyin, UnixMillis};

use crate::{
    AccountLine, CardDetails, CardPanel, CardProblem, CardStep, CheckoutPage, CheckoutStep,
    ClockPanel, CodeProblem, CodeStep, DemoKassa, ErrorPage, FaultLine, ItemLine, Language,
    MaskedPhone, NetworkPanel, NotFoundPage, PUBLISHED_TEST_CARDS, Payment, ReceiptSummary, Refund,
    Refusal, SandboxPage, SmsLine, StartPage,
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
        base_url: "http://127.0.0.1:8080",
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
    put("not found", NotFoundPage { language }.render().unwrap());
    put("error", ErrorPage { language, trace_id: "4bf92f3577b34da6" }.render().unwrap());
    pages
}
