//! Which path of the bank API is which method.

use std::borrow::Cow;

use axum::http::Method as Verb;
use chorsu_api::bank::Method;
use chorsu_core::bank::OrderKind;

/// A method of the API with what its path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `services`
    Services,
    /// `payment` and `paymentBudget`
    Order(OrderKind),
    /// `payment/{orderId}`
    Status(Cow<'a, str>),
    /// `account/{serviceId}/balance`
    Balance(Cow<'a, str>),
    /// `account/payments`
    Statement,
}

/// There is no such method.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// The path means nothing.
    NotFound,
    /// The path has a meaning, but for these verbs.
    WrongMethod(&'static str),
}

impl<'a> Route<'a> {
    /// The method of a verb and a path, which begins with `/api/v2`.
    pub(super) fn of(verb: &Verb, path: &'a str) -> Result<Self, NoRoute> {
        let rest = path.strip_prefix("/api/v2").unwrap_or(path);
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (first, after) = match rest.split_once('/') {
            Some((first, after)) => (first, Some(after)),
            None => (rest, None),
        };
        let (route, verbs) = match (first, after) {
            ("services", None) => (Self::Services, "GET"),
            ("payment", None) => (Self::Order(OrderKind::Ordinary), "POST"),
            ("paymentBudget", None) => (Self::Order(OrderKind::Budget), "POST"),
            // What follows is the order's number, slashes in it too.
            ("payment", Some(key)) => (Self::Status(decoded(key)), "GET"),
            ("account", Some("payments")) => (Self::Statement, "POST, GET"),
            ("account", Some(after)) => {
                let number = after.strip_suffix("/balance").ok_or(NoRoute::NotFound)?;
                if number.contains('/') {
                    return Err(NoRoute::NotFound);
                }
                (Self::Balance(decoded(number)), "GET")
            }
            _ => return Err(NoRoute::NotFound),
        };
        if verbs.split(", ").any(|allowed| allowed == verb.as_str()) {
            Ok(route)
        } else {
            Err(NoRoute::WrongMethod(verbs))
        }
    }

    /// The method, for rights and metrics.
    pub(super) const fn method(&self) -> Method {
        match self {
            Self::Services => Method::Services,
            Self::Order(OrderKind::Ordinary) => Method::Payment,
            Self::Order(OrderKind::Budget) => Method::PaymentBudget,
            Self::Status(_) => Method::Status,
            Self::Balance(_) => Method::Balance,
            Self::Statement => Method::Payments,
        }
    }

    /// Whether its body is looked at.
    pub(super) const fn has_body(&self) -> bool {
        matches!(self, Self::Order(_) | Self::Statement)
    }
}

/// A part of a path without its escapes. What is no escape stays as it is, what is no text becomes
/// a mark that no order's number has.
fn decoded(part: &str) -> Cow<'_, str> {
    if !part.contains('%') {
        return Cow::Borrowed(part);
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escaped = (*first == b'%').then(|| after.get(..2).and_then(byte)).flatten();
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(*first),
        }
    }
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|_| "\u{0}".to_owned()))
}

fn byte(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_paths_lead_to_their_methods() {
        let cases = [
            ("GET", "/api/v2/services", Method::Services),
            ("POST", "/api/v2/payment/", Method::Payment),
            ("POST", "/api/v2/paymentBudget", Method::PaymentBudget),
            ("GET", "/api/v2/payment/009445151277", Method::Status),
            ("GET", "/api/v2/account/2/balance/", Method::Balance),
            ("GET", "/api/v2/account/payments", Method::Payments),
            ("POST", "/api/v2/account/payments/", Method::Payments),
        ];
        for (verb, path, method) in cases {
            let verb = Verb::from_bytes(verb.as_bytes()).unwrap();
            let route = Route::of(&verb, path).unwrap();
            assert_eq!(route.method(), method, "{verb} {path}");
        }
    }

    #[test]
    fn order_numbers_come_out_as_they_went_in() {
        let cases = [
            ("a%2Fb", "a/b"),
            ("a/b", "a/b"),
            ("%D0%94%2d1", "Д-1"),
            ("100%", "100%"),
            ("%+1", "%+1"),
            ("%ff", "\u{0}"),
            ("a+b", "a+b"),
        ];
        for (written, meant) in cases {
            let path = format!("/api/v2/payment/{written}");
            let route = Route::of(&Verb::GET, &path);
            assert_eq!(route, Ok(Route::Status(meant.into())), "{written}");
        }
    }

    #[test]
    fn other_paths_and_verbs_are_told_apart() {
        for path in ["", "/", "/payments", "/account", "/account/2", "/account/2/3/balance"] {
            let path = format!("/api/v2{path}");
            assert_eq!(Route::of(&Verb::GET, &path), Err(NoRoute::NotFound), "{path}");
        }
        let cases = [
            (Verb::GET, "/api/v2/payment", "POST"),
            (Verb::POST, "/api/v2/payment/1", "GET"),
            (Verb::DELETE, "/api/v2/account/payments", "POST, GET"),
            (Verb::HEAD, "/api/v2/services", "GET"),
        ];
        for (verb, path, allowed) in cases {
            assert_eq!(Route::of(&verb, path), Err(NoRoute::WrongMethod(allowed)), "{verb} {path}");
        }
    }
}
