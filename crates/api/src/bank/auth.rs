//! Basic authentication (RFC 7617): the header into user name and password.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chorsu_core::bank::BankCode;

/// Longest header that is looked at, in bytes; a name and a password have at most 300 together.
const HEADER_MAX: usize = 512;
const SCHEME: &str = "basic";

/// Who calls, as the caller says.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: String,
}

impl Login {
    /// Reads the value of the header `Authorization`. Names have no colon, passwords may.
    ///
    /// # Errors
    /// 1004 when the header is absent, of another scheme, too long or not readable: to this API a
    /// caller without a name is an unknown user.
    pub fn parse(header: Option<&[u8]>) -> Result<Self, BankCode> {
        header.and_then(read).ok_or(BankCode::UserNotFound)
    }
}

fn read(header: &[u8]) -> Option<Login> {
    if header.len() > HEADER_MAX {
        return None;
    }
    let text = std::str::from_utf8(header).ok()?.trim();
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (username, password) = decoded.split_once(':')?;
    let named = !username.is_empty() && !username.chars().any(char::is_control);
    named.then(|| Login { username: username.to_owned(), password: password.to_owned() })
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({:?})", self.username)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(login: &str) -> String {
        format!("Basic {}", STANDARD.encode(login))
    }

    #[test]
    fn names_and_passwords_are_read() {
        let example = header("gray:p@ssw0rd");
        let spaced = example.replace("Basic ", "bASIC   ");
        let cases = [
            (example.as_str(), "gray", "p@ssw0rd"),
            (&spaced, "gray", "p@ssw0rd"),
            (&header("a:b:c"), "a", "b:c"),
            (&header("пользователь:"), "пользователь", ""),
        ];
        for (text, username, password) in cases {
            let login = Login::parse(Some(text.as_bytes())).unwrap();
            assert_eq!((login.username.as_str(), login.password.as_str()), (username, password));
            assert!(!format!("{login:?}").contains("p@ssw0rd"));
        }
    }

    #[test]
    fn anything_else_is_an_unknown_user() {
        let long = header(&format!("gray:{}", "x".repeat(400)));
        let bad = [
            "",
            "Basic",
            "Basic ",
            "Basic !!!",
            "Bearer Z3JheTpwQHNzdzByZA==",
            &header("gray"),
            &header(":password"),
            &header("gr\0ay:p"),
            "Basic Z3JheTpwQHNzdzByZA",
            &long,
        ];
        for text in bad {
            assert_eq!(Login::parse(Some(text.as_bytes())), Err(BankCode::UserNotFound), "{text}");
        }
        assert!(Login::parse(None).is_err());
        assert!(Login::parse(Some(b"Basic \xff\xfe")).is_err());
        let latin = format!("Basic {}", STANDARD.encode(b"gr\xe4y:p"));
        assert!(Login::parse(Some(latin.as_bytes())).is_err());
    }
}
