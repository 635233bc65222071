//! The sandbox page at `/sandbox`: the SMS inbox, the clock, the played card networks and their
//! cards.

use askama::Template;
use chorsu_core::{MaskedPan, Network, Tiyin, UnixMillis};

use crate::checkout::CardProblem;
use crate::language::Language;
use crate::mask;
use crate::moment;
use crate::money::format_amount;
use crate::shell::Shell;
use crate::tab::SandboxTab;
use crate::texts::{Texts, fill};

/// The sandbox page.
///
/// Its forms post, urlencoded, `forward`, `amount`, `unit`, `lang` to `/sandbox/forms/clock` (see
/// [`crate::form::clock_forward`]), and `number`, `balance`, `action` (`look` or `set`), `lang` to
/// `/sandbox/forms/card`.
#[derive(Clone, Debug)]
pub struct SandboxPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// The clock.
    pub clock: ClockPanel,
    /// The card networks.
    pub networks: Vec<NetworkPanel<'a>>,
    /// The newest messages, the newest first.
    pub messages: Vec<SmsLine<'a>>,
    /// The card that was looked at.
    pub card: CardPanel<'a>,
}

/// The sandbox's clock.
#[derive(Clone, Copy, Debug)]
pub struct ClockPanel {
    /// What it shows.
    pub now: UnixMillis,
    /// How many milliseconds it is ahead of the real time.
    pub ahead_ms: i64,
    /// Whether the span that was typed could not be read.
    pub unreadable: bool,
}

/// A played card network.
#[derive(Clone, Debug)]
pub struct NetworkPanel<'a> {
    /// Which.
    pub network: Network,
    /// How many milliseconds its answers are delayed.
    pub latency_ms: u64,
    /// What goes wrong with calls to it.
    pub faults: Vec<FaultLine<'a>>,
    /// What it has debited in all.
    pub debited: Tiyin,
    /// What it has given back in all.
    pub refunded: Tiyin,
}

/// A fault of a network.
#[derive(Clone, Copy, Debug)]
pub struct FaultLine<'a> {
    /// Its name in the JSON endpoints.
    pub name: &'a str,
    /// The name of the calls it befalls.
    pub calls: &'a str,
    /// How many more of them; `None` for all.
    pub left: Option<u64>,
}

/// A message of the inbox.
#[derive(Clone, Copy, Debug)]
pub struct SmsLine<'a> {
    /// The phone, digits.
    pub to: &'a str,
    /// The text.
    pub text: &'a str,
    /// When it was sent, by the sandbox's clock.
    pub at: UnixMillis,
}

/// What came of looking at a card.
#[derive(Clone, Copy, Debug)]
pub enum CardPanel<'a> {
    /// None was looked at.
    Empty,
    /// The number is no card's.
    Number(CardProblem),
    /// The balance could not be read ([`crate::parse_sum`]).
    Balance,
    /// The card.
    Shown(CardDetails<'a>),
}

/// A card at its network.
#[derive(Clone, Copy, Debug)]
pub struct CardDetails<'a> {
    /// Its masked number.
    pub card: MaskedPan,
    /// Its network.
    pub network: Network,
    /// Its holder's phone, digits.
    pub phone: &'a str,
    /// What can be spent.
    pub balance: Tiyin,
    /// What is held, beside the balance.
    pub held: Tiyin,
    /// What may be debited and held in a day.
    pub daily_limit: Tiyin,
    /// What of it is used today.
    pub spent_today: Tiyin,
    /// Whether it is blocked.
    pub blocked: bool,
    /// Whether SMS informing is on.
    pub sms: bool,
    /// Whether its balance was set just now.
    pub changed: bool,
}

/// A JSON endpoint: its methods, its path and what it is for.
pub(crate) struct Endpoint {
    pub(crate) methods: &'static str,
    pub(crate) path: &'static str,
    /// Whether a browser can simply open it.
    pub(crate) link: bool,
    pub(crate) about: &'static str,
}

#[derive(Template)]
#[template(path = "sandbox.html")]
struct SandboxTemplate<'a> {
    shell: Shell,
    t: &'static Texts,
    page: &'a SandboxPage<'a>,
}

impl SandboxPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let shell = SandboxTab::Cards.shell(self.language, None);
        SandboxTemplate { t: shell.t, shell, page: self }.render()
    }
}

impl SandboxTemplate<'_> {
    fn amount(&self, amount: &Tiyin) -> String {
        format_amount(*amount, self.page.language)
    }

    fn ahead(&self) -> String {
        let ahead = self.page.clock.ahead_ms;
        if ahead <= 0 {
            return self.t.clock_exact.to_owned();
        }
        fill(self.t.clock_ahead, moment::span(ahead, self.t))
    }

    fn number_problem(&self) -> Option<&'static str> {
        match self.page.card {
            CardPanel::Number(problem) => Some(problem.text(self.t)),
            _ => None,
        }
    }

    fn balance_problem(&self) -> Option<&'static str> {
        matches!(self.page.card, CardPanel::Balance).then_some(self.t.amount_unreadable)
    }

    fn state(&self, card: &CardDetails<'_>) -> &'static str {
        match (card.blocked, card.sms) {
            (true, _) => self.t.state_blocked,
            (false, false) => self.t.state_sms_off,
            (false, true) => self.t.state_active,
        }
    }

    fn endpoints(&self) -> [Endpoint; 7] {
        let t = self.t;
        let endpoint = |methods, path, link, about| Endpoint { methods, path, link, about };
        [
            endpoint("GET, POST", "/sandbox/sms", true, t.json_sms),
            endpoint("GET, POST", "/sandbox/clock", true, t.json_clock),
            endpoint("GET, PATCH", "/sandbox/cards/{number}", false, t.json_card),
            endpoint("GET", "/sandbox/networks", true, t.json_networks),
            endpoint("GET, PATCH", "/sandbox/networks/{network}", false, t.json_network),
            endpoint("POST, DELETE", "/sandbox/networks/{network}/faults", false, t.json_faults),
            endpoint("GET", "/sandbox/networks/{network}/operations", false, t.json_operations),
        ]
    }
}

/// The network's name as its cards show it.
pub(crate) fn label(network: &Network) -> &'static str {
    match network {
        Network::Uzcard => "UZCARD",
        Network::Humo => "HUMO",
    }
}
