//! Reads the few bytes of a JSON-RPC answer that decide whether it is the right one.
//! The way down to `result.receipt` is followed by depth, so that the same words elsewhere in
//! the answer deceive nobody; what does not lie on that way is stepped over, not parsed.

use serde_json::Value;
use thiserror::Error;

/// A receipt id is 12 bytes in hexadecimal.
pub(super) const RECEIPT_ID_BYTES: usize = 24;
/// How much of an unexpected answer is quoted.
const QUOTE_CHARS_MAX: usize = 160;

/// What an answer with a receipt says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Receipt {
    /// `_id`, as hexadecimal digits.
    pub(super) id: [u8; RECEIPT_ID_BYTES],
    /// `state`: 0 created, 4 paid.
    pub(super) state: u8,
}

/// Why an answer is not the right one.
#[derive(Debug, Error)]
pub(super) enum AnswerError {
    /// The server answered with an error object.
    #[error("error {code}: {message}{}", data_suffix(.data))]
    Refused { code: i64, message: String, data: Value },
    /// A receipt in another state than asked for.
    #[error("the receipt is in state {found}, not {wanted}")]
    State { found: u8, wanted: u8 },
    /// The answer to another receipt's request.
    #[error("the answer is about another receipt than the request")]
    OtherReceipt,
    /// The answer to another payment's request.
    #[error("the answer is about another payment than the request")]
    OtherPayment,
    /// A payment order in another status than asked for.
    #[error("the order is {found}, not {wanted}")]
    OrderStatus { found: String, wanted: &'static str },
    /// A page of a statement with other than so many rows.
    #[error("the page has {found} rows, not {wanted}")]
    Rows { found: usize, wanted: usize },
    /// Neither the expected result nor an error object.
    #[error("not the expected answer: {0}")]
    Unexpected(String),
}

fn data_suffix(data: &Value) -> String {
    if data.is_null() { String::new() } else { format!(" (data: {data})") }
}

impl AnswerError {
    /// An answer that has another shape than the documented one.
    pub(super) fn unexpected(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut quote: String = text.chars().take(QUOTE_CHARS_MAX).collect();
        if quote.len() < text.len() {
            quote.push('…');
        }
        Self::Unexpected(quote)
    }

    /// Reads the error object of an answer.
    fn refused(body: &[u8]) -> Self {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Self::unexpected(body);
        };
        let Some(code) = answer["error"]["code"].as_i64() else { return Self::unexpected(body) };
        let message = match &answer["error"]["message"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self::Refused { code, message, data: answer["error"]["data"].clone() }
    }
}

/// The receipt in the answer of `receipts.create` or `receipts.pay`.
///
/// # Errors
/// The answer has an `error`, or no receipt with an id of 24 digits and a state.
pub(super) fn receipt(body: &[u8]) -> Result<Receipt, AnswerError> {
    match scan_receipt(body) {
        Some(Scan::Receipt(receipt)) => Ok(receipt),
        Some(Scan::Error) => Err(AnswerError::refused(body)),
        None => Err(AnswerError::unexpected(body)),
    }
}

/// The `result` of an answer, for the calls of the set-up, which nobody measures.
///
/// # Errors
/// The answer has an `error`, or no `result`.
pub(super) fn result(body: &[u8]) -> Result<Value, AnswerError> {
    let mut answer: Value =
        serde_json::from_slice(body).map_err(|_| AnswerError::unexpected(body))?;
    if answer.get("error").is_some() {
        return Err(AnswerError::refused(body));
    }
    answer.get_mut("result").map(Value::take).ok_or_else(|| AnswerError::unexpected(body))
}

enum Scan {
    Receipt(Receipt),
    Error,
}

/// Goes down to `result.receipt` and stops at the second of its `_id` and `state`.
fn scan_receipt(body: &[u8]) -> Option<Scan> {
    let mut cursor = Cursor { rest: body };
    cursor.token(b'{')?;
    loop {
        match cursor.next_key()? {
            b"error" => return Some(Scan::Error),
            b"result" => break,
            _ => cursor.skip_value()?,
        }
    }
    cursor.token(b'{')?;
    while cursor.next_key()? != b"receipt" {
        cursor.skip_value()?;
    }
    cursor.token(b'{')?;
    let mut id = None;
    let mut state = None;
    loop {
        match cursor.next_key()? {
            b"_id" => id = Some(cursor.string()?.try_into().ok()?),
            b"state" => state = Some(cursor.number()?),
            _ => cursor.skip_value()?,
        }
        if let (Some(id), Some(state)) = (id, state) {
            return Some(Scan::Receipt(Receipt { id, state }));
        }
    }
}

/// The part of the answer that is still to be read. `None` from any step: the bytes are not the
/// JSON that this step expects.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn skip_whitespace(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Steps over `byte`, the next one that is not whitespace.
    fn token(&mut self, byte: u8) -> Option<()> {
        self.skip_whitespace();
        let (&first, rest) = self.rest.split_first()?;
        if first != byte {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    /// The next key of the object the cursor stands in, which then stands before its value;
    /// `None` also at the end of the object.
    fn next_key(&mut self) -> Option<&'a [u8]> {
        self.skip_whitespace();
        if self.rest.first() == Some(&b',') {
            self.token(b',')?;
        }
        let key = self.string()?;
        self.token(b':')?;
        Some(key)
    }

    /// The inside of a string, with its escapes as they are.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.token(b'"')?;
        let text = self.rest;
        let mut end = 0;
        loop {
            match text.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.rest = &text[end + 1..];
        Some(&text[..end])
    }

    /// A whole number of at most three digits.
    fn number(&mut self) -> Option<u8> {
        self.skip_whitespace();
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        if !matches!(rest.first(), Some(b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t')) {
            return None;
        }
        self.rest = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Steps over a value of any kind.
    fn skip_value(&mut self) -> Option<()> {
        let mut open: usize = 0;
        loop {
            self.skip_whitespace();
            match self.rest.first()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    open += 1;
                    self.rest = &self.rest[1..];
                }
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    self.rest = &self.rest[1..];
                }
                b',' | b':' if open > 0 => self.rest = &self.rest[1..],
                _ => self.skip_scalar()?,
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn skip_scalar(&mut self) -> Option<()> {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = self.rest.iter().take_while(is_part).count();
        self.rest = &self.rest[length..];
        (length > 0).then_some(())
    }
}
