//! The checkout as HTML.

use askama::Template;
use chorsu_core::{MaskedPan, Tiyin};

use super::problem::Field;
use super::{CardStep, CheckoutPage, CheckoutStep, CodeStep, Payment, REFRESH_SECONDS, Refund};
use crate::mask::{self, MaskedPhone};
use crate::moment;
use crate::money::format_amount;
use crate::shell::Shell;
use crate::texts::{Texts, fill, parts};

/// The longest expiry that is shown again: `03 / 2099`. Whoever typed a card number into the
/// wrong field does not see it again.
const EXPIRY_CHARS_MAX: usize = 9;

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutTemplate<'a> {
    shell: Shell,
    t: &'static Texts,
    page: &'a CheckoutPage<'a>,
    /// The amount as people read it.
    amount: String,
    /// The address of the checkout.
    path: String,
}

/// The result of a payment, as the result panel shows it.
struct ResultView {
    /// Class and icon: `good`, `waiting` or `bad`.
    mood: &'static str,
    title: &'static str,
    text: &'static str,
    /// A second text, for the reason of a refusal.
    reason: &'static str,
    payment: Payment,
    /// The button and where it leads.
    action: Option<&'static str>,
}

impl CheckoutPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be written, for want of memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let path = format!("/pay/{}", self.receipt.id);
        // A reload would lose the token, and with it the code that is on its way.
        let reloadable = !matches!(self.step, CheckoutStep::Code(_) | CheckoutStep::Refused(_));
        let waiting = matches!(self.step, CheckoutStep::Processing);
        let shell = Shell {
            test_banner: self.sandbox,
            refresh_seconds: waiting.then_some(REFRESH_SECONDS),
            ..Shell::new(self.language, reloadable.then(|| path.clone()))
        };
        let amount = format_amount(self.receipt.amount, self.language);
        CheckoutTemplate { t: shell.t, shell, page: self, amount, path }.render()
    }
}

impl CheckoutTemplate<'_> {
    fn amount(&self, amount: &Tiyin) -> String {
        format_amount(*amount, self.page.language)
    }

    /// The number of the step the visitor is at: 1, 2 or 3.
    fn stage(&self) -> usize {
        match self.page.step {
            CheckoutStep::Card(_) => 1,
            CheckoutStep::Code(_) => 2,
            _ => 3,
        }
    }

    /// The steps with their state: `done`, `now` or `later`.
    fn steps(&self) -> [(&'static str, &'static str); 3] {
        let state = |number: usize| match number.cmp(&self.stage()) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "later",
        };
        [(self.t.step_card, state(1)), (self.t.step_code, state(2)), (self.t.step_result, state(3))]
    }

    /// Whether the page shows an error, which its title then says first.
    fn has_error(&self) -> bool {
        match &self.page.step {
            CheckoutStep::Card(step) => !step.problems.is_empty(),
            CheckoutStep::Code(step) => step.problem.is_some(),
            _ => false,
        }
    }

    /// The problem shown beside `field`.
    fn problem(&self, step: &CardStep<'_>, field: Field) -> Option<&'static str> {
        let problem = step.problems.iter().find(|problem| problem.field() == field);
        problem.map(|problem| problem.text(self.t))
    }

    fn expiry<'b>(&self, step: &CardStep<'b>) -> &'b str {
        if step.expiry.chars().count() > EXPIRY_CHARS_MAX { "" } else { step.expiry }
    }

    fn code_problem(&self, step: &CodeStep<'_>) -> Option<&'static str> {
        step.problem.map(|problem| problem.text(self.t))
    }

    fn sent_to(&self, step: &CodeStep<'_>) -> String {
        let text = |phone: &MaskedPhone| fill(self.t.code_sent_to, phone);
        step.phone.map_or_else(|| self.t.code_sent.to_owned(), text)
    }

    fn pay_button(&self) -> String {
        let text = if self.page.receipt.hold { self.t.hold_amount } else { self.t.pay_amount };
        fill(text, &self.amount)
    }

    /// The result to show, unless the visitor is at a form.
    fn result(&self) -> Option<ResultView> {
        let t = self.t;
        let view = |mood, title, text| ResultView {
            mood,
            title,
            text,
            reason: "",
            payment: Payment::default(),
            action: None,
        };
        Some(match &self.page.step {
            CheckoutStep::Card(_) | CheckoutStep::Code(_) => return None,
            CheckoutStep::Paid(payment) => {
                ResultView { payment: *payment, ..view("good", t.paid_title, t.paid_text) }
            }
            CheckoutStep::Held(payment) => {
                ResultView { payment: *payment, ..view("good", t.held_title, t.held_text) }
            }
            CheckoutStep::Cancelled(refund) => {
                let text = match refund {
                    Refund::Nothing => t.cancelled_unpaid,
                    Refund::UnderWay => t.refund_under_way,
                    Refund::Done => t.refund_done,
                };
                view("calm", t.cancelled_title, text)
            }
            CheckoutStep::Processing => ResultView {
                action: Some(t.refresh_now),
                ..view("waiting", t.processing_title, t.processing_text)
            },
            CheckoutStep::Paused => view("waiting", t.processing_title, t.paused_text),
            CheckoutStep::Refused(refusal) => ResultView {
                reason: refusal.text(t),
                action: refusal.may_retry().then_some(t.try_again),
                ..view("bad", t.refused_title, t.refused_text)
            },
        })
    }

    fn card(&self, card: &MaskedPan) -> String {
        mask::grouped(card)
    }
}
