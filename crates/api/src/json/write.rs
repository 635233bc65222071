//! Writing JSON straight into a buffer.
//!
//! Keys are ours and are written as they are; texts are escaped; raw values must already be JSON.

/// Writes an object; `fill` adds its members.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, empty: true });
    out.push(b'}');
}

/// Writes an array; `fill` adds its elements.
pub(crate) fn array(out: &mut Vec<u8>, fill: impl FnOnce(&mut Array<'_>)) {
    out.push(b'[');
    fill(&mut Array { out, empty: true });
    out.push(b']');
}

/// Writes a string, quoted and escaped.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => {
                let low = HEX[usize::from(byte & 15)];
                &[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]
            }
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..at]);
        out.extend_from_slice(escape);
        start = at + 1;
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// Writes a whole number.
pub(crate) fn integer(out: &mut Vec<u8>, value: i64) {
    // 19 digits are the most an i64 has.
    let mut digits = [0_u8; 20];
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// The text of what was written. Everything written here is UTF-8.
pub(crate) fn into_text(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}

/// The members of an object being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl Object<'_> {
    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        comma(self.out, &mut self.empty);
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Adds a string.
    pub(crate) fn string(&mut self, key: &str, text: &str) {
        string(self.key(key), text);
    }

    /// Adds a whole number.
    pub(crate) fn integer(&mut self, key: &str, value: i64) {
        integer(self.key(key), value);
    }

    /// Adds true or false.
    pub(crate) fn boolean(&mut self, key: &str, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    /// Adds null.
    pub(crate) fn null(&mut self, key: &str) {
        self.raw(key, "null");
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(&mut self, key: &str, json: &str) {
        self.key(key).extend_from_slice(json.as_bytes());
    }

    /// Adds an object.
    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), fill);
    }

    /// Adds an array.
    pub(crate) fn array(&mut self, key: &str, fill: impl FnOnce(&mut Array<'_>)) {
        array(self.key(key), fill);
    }

    /// Adds a value that is JSON already, under a key from outside.
    pub(crate) fn foreign(&mut self, key: &str, json: &str) {
        self.foreign_key(key).extend_from_slice(json.as_bytes());
    }

    /// Adds a string under a key from outside.
    pub(crate) fn foreign_string(&mut self, key: &str, text: &str) {
        string(self.foreign_key(key), text);
    }

    fn foreign_key(&mut self, key: &str) -> &mut Vec<u8> {
        comma(self.out, &mut self.empty);
        string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// Adds a value that `write` writes.
    pub(crate) fn with(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
        write(self.key(key));
    }
}

/// The elements of an array being written.
pub(crate) struct Array<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl Array<'_> {
    /// Adds an object.
    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        comma(self.out, &mut self.empty);
        object(self.out, fill);
    }
}

fn comma(out: &mut Vec<u8>, empty: &mut bool) {
    if !std::mem::replace(empty, false) {
        out.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_a_reader() {
        let all: String = (0..0x180_u32).filter_map(char::from_u32).collect();
        for text in ["", "plain", "\"\\\u{0}\u{1f}\n\r\t", "Номер чека 🧾", &all] {
            let mut out = Vec::new();
            string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn integers_are_written_whole() {
        for value in [0, 7, -1, 1_658_483_632_482, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            integer(&mut out, value);
            assert_eq!(into_text(out), value.to_string());
        }
    }

    #[test]
    fn members_are_separated() {
        let mut out = Vec::new();
        object(&mut out, |o| {
            o.null("a");
            o.boolean("b", true);
            o.array("c", |list| {
                list.object(|_| {});
                list.object(|o| o.foreign("\"", "1"));
            });
        });
        assert_eq!(into_text(out), r#"{"a":null,"b":true,"c":[{},{"\"":1}]}"#);
    }
}
