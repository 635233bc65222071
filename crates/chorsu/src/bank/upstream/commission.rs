//! What a bank takes for our orders, as lines of its statement beside those of the payments. Only
//! lines whose purpose names the order are known as such, which is how another Chorsu writes them.
//!
//! | the order | what is done |
//! |---|---|
//! | was posted | the sum leaves `fees`, where the partner's commission went; of the same sum, it is led to our line about that |
//! | may still be posted | nothing yet |
//! | was deleted | the sum goes to suspense |
//! | is not known | what is done with all other lines: see `matching` |

use std::collections::BTreeMap;

use chorsu_connectors::bank::StatementEntry;
use chorsu_core::bank::OrderState;
use chorsu_core::order::PaymentOrder;
use chorsu_core::{Account, Document, DocumentId};

use super::Upstream;
use super::matching::{LINES_MAX, Unmatched};
use super::statement::{NotRead, Origin, book};
use crate::app::App;
use crate::bank::parties::Parties;
use crate::bank::service_book::Service;

/// Lines of commissions whose orders have not ended here yet.
#[derive(Default)]
pub(super) struct Commissions {
    lines: BTreeMap<i64, (DocumentId, StatementEntry)>,
}

impl Commissions {
    /// Keeps a line when it is the commission of an order; whether it is.
    pub(super) fn add(&mut self, upstream: &Upstream, entry: &StatementEntry) -> bool {
        let Some(order) = order_of(&upstream.settings.order_prefix, entry) else { return false };
        if self.lines.len() < LINES_MAX {
            self.lines.insert(entry.id, (order, entry.clone()));
        }
        true
    }

    /// Books the lines whose orders have ended. Those of orders that are not known are left to
    /// `unmatched`.
    ///
    /// # Errors
    /// When the store fails; what was not booked is kept.
    pub(super) async fn settle(
        &mut self,
        app: &App,
        service: &Service,
        unmatched: &mut Unmatched,
    ) -> Result<(), NotRead> {
        let numbers: Vec<i64> = self.lines.keys().copied().collect();
        for number in numbers {
            let Some((id, entry)) = self.lines.get(&number) else { continue };
            match app.store.document(*id).await? {
                Some(Document::Order(order)) if order.service == service.settings.id => {
                    if order.state == OrderState::Entered {
                        continue;
                    }
                    take(app, service, entry, &order).await?;
                }
                _ => unmatched.add(entry),
            }
            self.lines.remove(&number);
        }
        Ok(())
    }
}

/// The order whose commission a line is. A payment has a receiver with an account, and its purpose
/// is whatever somebody wrote: it is never taken for a commission.
fn order_of(prefix: &str, entry: &StatementEntry) -> Option<DocumentId> {
    let is_payment = !entry.receiver.account.is_empty();
    let key = Parties::commission_of(&entry.purpose).filter(|_| !is_payment)?;
    key.strip_prefix(prefix)?.parse().ok()
}

/// Books what the bank took for an order that has ended.
async fn take(
    app: &App,
    service: &Service,
    entry: &StatementEntry,
    order: &PaymentOrder,
) -> Result<(), NotRead> {
    let is_posted = order.state == OrderState::Posted;
    let charged = order.commission;
    let own = order.commission_line().filter(|ours| {
        charged == entry.amount && order.bank_lines.iter().all(|(known, _)| known != ours)
    });
    let mut reason = format!("commission of the bank for order {}", order.id);
    match own {
        Some(_) => {}
        None if is_posted => reason += &format!(", which was charged {}", charged.get()),
        None => reason += ", which was deleted",
    }
    let origin = Origin {
        account: if is_posted { Account::Fees } else { Account::Suspense },
        reason: Some(&reason),
        beside: own.map(|ours| (order.id, (ours, entry.id))),
    };
    book(app, service, entry, origin).await?;
    if own.is_none() {
        app.metrics.bank_difference();
        tracing::error!(
            service = %service.settings.id, line = entry.id, order = %order.id,
            amount = entry.amount.get(), charged = charged.get(), is_posted,
            "the bank has taken a commission that is not what the order was charged"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::matching::tests::entry;
    use super::*;

    #[test]
    fn only_lines_without_a_receivers_account_that_name_an_order_are_commissions() {
        let id: DocumentId = "01a2028b9c567b90b58a344a".parse().unwrap();
        let line = |account: &str, purpose: &str| {
            let mut line = entry(1, purpose);
            line.receiver.account = account.to_owned();
            line
        };
        let named = format!("Комиссия за документ № 12, a-{id}");
        assert_eq!(order_of("a-", &line("", &named)), Some(id));
        let others = [
            ("", named.as_str(), "b-"),
            ("", &named, ""),
            ("20208000905123456001", &named, "a-"),
            ("", &format!("Комиссия за документ № x, a-{id}"), "a-"),
            ("", &format!("Комиссия за документ № 12, 13, a-{id}"), "a-"),
            ("", &format!("За документ № 12, a-{id}"), "a-"),
            ("", "Комиссия за документ № 12, a-1", "a-"),
        ];
        for (account, purpose, prefix) in others {
            assert_eq!(order_of(prefix, &line(account, purpose)), None, "{account} {purpose}");
        }
    }
}
