//! What paths carry: an order's key, a service's number. Escapes are already decoded.

use chorsu_core::bank::{BankCode, OrderKey, ServiceNumber};

/// No service's number has more digits.
const DIGITS_MAX: usize = 18;

/// The order of `payment/{orderId}`.
///
/// # Errors
/// 1008 for a text that cannot be an order's key: no such order was ever recorded.
pub fn order_of_path(text: &str) -> Result<OrderKey, BankCode> {
    OrderKey::parse(text).ok_or(BankCode::NotRecorded)
}

/// The service of `account/{serviceId}/balance`.
///
/// # Errors
/// 1001 for a text that cannot be a service's number.
pub fn service_of_path(text: &str) -> Result<ServiceNumber, BankCode> {
    let plain = text.len() <= DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if plain { text.parse().ok() } else { None };
    number.map(ServiceNumber).ok_or(BankCode::ServiceNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_orders_and_services() {
        assert_eq!(order_of_path("009445151277").unwrap().as_str(), "009445151277");
        for bad in ["", "1 2", "1\n", &"x".repeat(1000)] {
            assert_eq!(order_of_path(bad), Err(BankCode::NotRecorded), "{bad}");
        }
        assert_eq!(service_of_path("2"), Ok(ServiceNumber(2)));
        for bad in ["", "-2", "+2", "2.0", "two", " 2", "9999999999999999999"] {
            assert_eq!(service_of_path(bad), Err(BankCode::ServiceNotFound), "{bad}");
        }
    }
}
