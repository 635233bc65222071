//! The sandbox's page for the played bank at `/sandbox/orders`: services with their money, payment
//! orders, and what the bank does with them.

mod trouble;

use askama::Template;
use chorsu_core::bank::OrderState;
use chorsu_core::{Tiyin, UnixMillis};

use crate::language::Language;
use crate::moment;
use crate::money::format_amount;
use crate::sandbox::{Endpoint, FaultLine};
use crate::shell::Shell;
use crate::tab::SandboxTab;
use crate::terminal::{Lines, json_string, quoted};
use crate::texts::{BankTexts, Texts, TillTexts, fill};

pub use trouble::{AccountEnding, BankTrouble};

/// The waiting times that are offered, in seconds.
const DELAYS: [u64; 5] = [0, 1, 10, 60, 300];
const SECOND_MS: u64 = 1_000;
/// What the proposed order pays, and from where: the service, the amount and the commission, in
/// tiyin, of the published example.
const SERVICE: u32 = 2;
const AMOUNT: i64 = 500_000;
const COMMISSION: i64 = 20_000;
/// Its receiver, but for the last four digits of the account.
const RECEIVER: &str = "2980100099024884";
const RECEIVER_MFO: &str = "01091";

/// The bank's page.
///
/// Its forms post, urlencoded with `lang` and `ending`, to `/sandbox/forms/bank/…`: to `order` the
/// `ending` of the account that is to be paid ([`AccountEnding::digits`]), to `delay` the
/// milliseconds that orders `wait`, to `fault` a `fault` ([`BankTrouble::tag`]) and `times` (`1`, `3`, `always`),
/// and to `clear` nothing more.
#[derive(Clone, Debug)]
pub struct BankPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// Where this installation is reached, without a slash at the end.
    pub base_url: &'a str,
    /// The demo partner.
    pub partner: DemoPartner<'a>,
    /// How the account ends that the proposed order pays to.
    pub ending: AccountEnding,
    /// The number of the proposed order: one that was not used yet.
    pub order_id: &'a str,
    /// The services.
    pub services: Vec<ServiceLine<'a>>,
    /// The newest orders, the newest first.
    pub orders: Vec<OrderLine<'a>>,
    /// How many milliseconds an order waits until it is carried out.
    pub settle_after_ms: u64,
    /// What goes wrong.
    pub faults: Vec<FaultLine<'a>>,
    /// Whether one more fault was one too many.
    pub is_full: bool,
}

/// A demo partner of the bank API: everybody knows how it logs in.
#[derive(Clone, Copy, Debug)]
pub struct DemoPartner<'a> {
    /// Its name.
    pub username: &'a str,
    /// Its password.
    pub password: &'a str,
    /// The numbers of its services.
    pub services: &'a [u32],
}

/// A service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceLine<'a> {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: &'a str,
    /// Its account.
    pub account: &'a str,
    /// Whether its orders must name a card.
    pub needs_card: bool,
    /// What can be paid out.
    pub available: Tiyin,
    /// What is set aside for accepted orders.
    pub reserved: Tiyin,
}

/// A payment order.
#[derive(Clone, Copy, Debug)]
pub struct OrderLine<'a> {
    /// The partner's number of it.
    pub order_id: &'a str,
    /// The number of the service that pays.
    pub service: u32,
    /// When it was accepted.
    pub at: UnixMillis,
    /// What the receiver gets.
    pub amount: Tiyin,
    /// Where it stands.
    pub state: OrderState,
}

#[derive(Template)]
#[template(path = "bank.html")]
struct BankTemplate<'a> {
    shell: Shell,
    t: &'static Texts,
    b: &'static BankTexts,
    w: &'static TillTexts,
    here: String,
    page: &'a BankPage<'a>,
}

impl BankPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let query = self.ending.query();
        let shell = SandboxTab::Bank.shell(self.language, Some(&query));
        let here = shell.address(self.language).unwrap_or_default();
        let (b, w) = (BankTexts::of(self.language), TillTexts::of(self.language));
        BankTemplate { t: shell.t, b, w, here, shell, page: self }.render()
    }
}

impl BankTemplate<'_> {
    fn amount(&self, amount: &Tiyin) -> String {
        format_amount(*amount, self.page.language)
    }

    fn lines(&self) -> [Lines; 2] {
        [self.order_line(), self.status_line()]
    }

    fn order_line(&self) -> Lines {
        let page = self.page;
        let account = format!("{RECEIVER}{}", page.ending.digits());
        let body = format!(
            "{{\n  \"orderId\": {}, \"serviceId\": {SERVICE}, \"amount\": {AMOUNT}, \
             \"comissionAmount\": {COMMISSION},\n  \"receiverName\": \"Test\", \"receiverAccount\": {},\n  \
             \"mfoReceiver\": \"{RECEIVER_MFO}\", \"innReceiver\": \"123456789\", \"purpose\": \
             \"Test 24/7\"}}",
            json_string(page.order_id),
            json_string(&account),
        );
        let text = format!(
            "curl -s -u {} {} -d {}",
            quoted(&format!("{}:{}", page.partner.username, page.partner.password)),
            quoted(&format!("{}/api/v2/payment", page.base_url)),
            quoted(&body),
        );
        Lines { id: "line-order", title: self.b.line_order, text }
    }

    fn status_line(&self) -> Lines {
        let page = self.page;
        let text = format!(
            "curl -s -u {} {}",
            quoted(&format!("{}:{}", page.partner.username, page.partner.password)),
            quoted(&format!("{}/api/v2/payment/{}", page.base_url, page.order_id)),
        );
        Lines { id: "line-status", title: self.b.line_status, text }
    }

    fn state(&self, state: &OrderState) -> &'static str {
        match state {
            OrderState::Entered => self.b.state_entered,
            OrderState::Posted => self.b.state_posted,
            OrderState::Deleted => self.b.state_deleted,
        }
    }

    /// The waiting times to choose from, each with whether it holds now; one that was set from
    /// elsewhere is among them.
    fn delays(&self) -> Vec<(u64, bool)> {
        let now = self.page.settle_after_ms;
        let mut all: Vec<u64> = DELAYS.map(|seconds| seconds * SECOND_MS).into();
        all.push(now);
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|ms| (ms, ms == now)).collect()
    }

    fn delay(&self, milliseconds: &u64) -> String {
        match *milliseconds {
            0 => self.b.at_once.to_owned(),
            ms if ms % SECOND_MS == 0 => fill(self.b.seconds, ms / SECOND_MS),
            ms => fill(self.t.milliseconds, ms),
        }
    }

    fn endpoints(&self) -> [Endpoint; 3] {
        let endpoint = |methods, path, link, about| Endpoint { methods, path, link, about };
        [
            endpoint("GET, PATCH", "/sandbox/bank", true, self.b.json_bank),
            endpoint("POST, DELETE", "/sandbox/bank/faults", false, self.b.json_faults),
            endpoint("POST", "/sandbox/bank/incoming", false, self.b.json_incoming),
        ]
    }
}

/// The colour of a state.
const fn tone(state: &OrderState) -> &'static str {
    match state {
        OrderState::Entered => "wait",
        OrderState::Posted => "good",
        OrderState::Deleted => "bad",
    }
}
