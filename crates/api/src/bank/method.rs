//! The six methods of the bank API; rights are given for each of them.

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET /api/v2/services`: the services of the user.
    Services,
    /// `POST /api/v2/payment`: an ordinary order.
    Payment,
    /// `POST /api/v2/paymentBudget`: a budget order.
    PaymentBudget,
    /// `GET /api/v2/payment/{orderId}`: where an order stands.
    Status,
    /// `GET /api/v2/account/{serviceId}/balance`: a service's money.
    Balance,
    /// `/api/v2/account/payments`: a service's statement.
    Payments,
}

impl Method {
    /// Every method, with its name in settings and metrics.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Services, "services"),
        (Self::Payment, "payment"),
        (Self::PaymentBudget, "paymentBudget"),
        (Self::Status, "status"),
        (Self::Balance, "balance"),
        (Self::Payments, "payments"),
    ];

    /// The name in settings and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("", |(_, name)| *name)
    }

    /// The method called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(method, _)| *method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_methods() {
        for (method, name) in Method::ALL {
            assert_eq!((method.name(), Method::from_name(name)), (name, Some(method)));
        }
        assert_eq!(Method::from_name("refund"), None);
    }
}
