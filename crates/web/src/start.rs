//! The start page at `/`: what this installation is, where its APIs are, and in a sandbox how to
//! make a first payment.

use askama::Template;

use crate::bank::DemoPartner;
use crate::language::Language;
use crate::shell::Shell;
use crate::terminal::{Lines, quoted};
use crate::texts::{Texts, fill};

/// The expiry and the one-time code of every published test card.
const TEST_EXPIRY: &str = "03/99";
const TEST_CODE: &str = "666666";

/// What a published test card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestCardMeaning {
    /// A payment succeeds.
    Normal,
    /// SMS informing is not connected.
    SmsOff,
    /// It is expired.
    Expired,
    /// It is blocked.
    Blocked,
    /// A payment ends in a system error.
    SystemError,
    /// A payment is refused after ten seconds.
    Slow,
}

impl TestCardMeaning {
    const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::Normal => t.meaning_normal,
            Self::SmsOff => t.meaning_sms_off,
            Self::Expired => t.meaning_expired,
            Self::Blocked => t.meaning_blocked,
            Self::SystemError => t.meaning_system_error,
            Self::Slow => t.meaning_slow,
        }
    }
}

/// A published test card. Its number is no secret: it belongs to nobody.
#[derive(Clone, Copy, Debug)]
pub struct TestCard {
    /// Its number, in the groups printed on a card.
    pub number: &'static str,
    /// The network that serves it.
    pub network: &'static str,
    /// What it does.
    pub meaning: TestCardMeaning,
}

const fn card(number: &'static str, network: &'static str, meaning: TestCardMeaning) -> TestCard {
    TestCard { number, network, meaning }
}

/// The published test cards ("Payme Subscribe API, trying it in the sandbox"), and one of HUMO.
pub const PUBLISHED_TEST_CARDS: [TestCard; 8] = [
    card("8600 0691 9540 6311", "UZCARD", TestCardMeaning::Normal),
    card("8600 4954 7331 6478", "UZCARD", TestCardMeaning::Normal),
    card("9860 0101 0101 0101", "HUMO", TestCardMeaning::Normal),
    card("8600 0609 2109 0842", "UZCARD", TestCardMeaning::SmsOff),
    card("3333 3364 1580 4657", "UZCARD", TestCardMeaning::Expired),
    card("4444 4459 8745 9073", "UZCARD", TestCardMeaning::Blocked),
    card("8600 1434 1777 0323", "UZCARD", TestCardMeaning::SystemError),
    card("8600 1343 0184 9596", "UZCARD", TestCardMeaning::Slow),
];

/// A demo kassa: its credentials are shown, for everybody knows them.
#[derive(Clone, Copy, Debug)]
pub struct DemoKassa<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its account fields.
    pub fields: &'a [&'a str],
}

/// The start page.
#[derive(Clone, Debug)]
pub struct StartPage<'a> {
    /// The visitor's language.
    pub language: Language,
    /// Whether no real money moves here. Kassas and test cards are shown in a sandbox only.
    pub sandbox: bool,
    /// The version that is running.
    pub version: &'a str,
    /// Where this installation is reached, without a slash at the end.
    pub base_url: &'a str,
    /// The demo partner of the bank API; shown in a sandbox only.
    pub partner: Option<DemoPartner<'a>>,
    /// The demo kassas; the first one makes the first payment.
    pub kassas: &'a [DemoKassa<'a>],
    /// The test cards, usually [`PUBLISHED_TEST_CARDS`].
    pub cards: &'a [TestCard],
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartTemplate<'a> {
    shell: Shell,
    t: &'static Texts,
    page: &'a StartPage<'a>,
    lines: Vec<Lines>,
}

impl StartPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let shell = Shell::new(self.language, Some("/".to_owned()));
        let kassa = self.kassas.first().filter(|_| self.sandbox);
        let lines = kassa.map(|kassa| first_payment(self.base_url, kassa, shell.t));
        let lines = lines.unwrap_or_default();
        StartTemplate { t: shell.t, shell, page: self, lines }.render()
    }
}

impl StartTemplate<'_> {
    /// The demo partner, where there is one to be shown.
    fn partner(&self) -> Option<&DemoPartner<'_>> {
        self.page.partner.as_ref().filter(|_| self.page.sandbox)
    }

    fn cards_about(&self) -> String {
        fill(&fill(self.t.cards_about, TEST_EXPIRY), TEST_CODE)
    }
}

/// The whole way of a payment in lines for a POSIX shell with curl.
fn first_payment(base_url: &str, kassa: &DemoKassa<'_>, t: &Texts) -> Vec<Lines> {
    let base = quoted(base_url);
    let auth = quoted(&format!("X-Auth: {}:{}", kassa.id, kassa.key));
    let field = kassa.fields.first().copied().unwrap_or("order_id");
    let lines = |id, title, text: String| Lines { id, title, text };
    let receipt = quoted(&format!(r#"{{"amount":500000,"account":{{"{field}":"1"}}}}"#));
    vec![
        lines(
            "line-setup",
            t.line_setup,
            format!(
                "BASE={base}\nAUTH={auth}\n\
                 call() {{ curl -s \"$BASE/api\" -H \"$AUTH\" \
                 -d '{{\"method\":\"'\"$1\"'\",\"params\":'\"$2\"'}}'; echo; }}\n\
                 pick() {{ grep -o '\"'\"$1\"'\":\"[^\"]*' | head -n 1 | cut -d'\"' -f4; }}"
            ),
        ),
        lines(
            "line-card",
            t.line_card,
            "TOKEN=$(call cards.create \
             '{\"card\":{\"number\":\"8600069195406311\",\"expire\":\"0399\"},\"save\":true}' \
             | pick token)"
                .to_owned(),
        ),
        lines(
            "line-verify",
            t.line_verify,
            "call cards.get_verify_code '{\"token\":\"'$TOKEN'\"}'\n\
             call cards.verify '{\"token\":\"'$TOKEN'\",\"code\":\"666666\"}'"
                .to_owned(),
        ),
        lines(
            "line-receipt",
            t.line_receipt,
            format!("RECEIPT=$(call receipts.create {receipt} | pick _id)"),
        ),
        lines(
            "line-pay",
            t.line_pay,
            "call receipts.pay '{\"id\":\"'$RECEIPT'\",\"token\":\"'$TOKEN'\"}'".to_owned(),
        ),
        lines(
            "line-checkout",
            t.line_checkout,
            format!("echo \"$BASE/pay/$(call receipts.create {receipt} | pick _id)\""),
        ),
    ]
}
