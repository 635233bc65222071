//! The tables of broken requests: what is sent, and the error that must come back.

/// A call of a method with the id 1.
pub(crate) fn request(method: &str, params: &str) -> String {
    format!(r#"{{"id":1,"method":"{method}","params":{params}}}"#)
}

/// A request that is no sound call.
#[derive(Clone)]
pub(crate) struct Envelope {
    /// What is wrong with it.
    pub(crate) name: &'static str,
    pub(crate) body: Vec<u8>,
    /// The error's code.
    pub(crate) code: i64,
    /// The id of the answer: null where it was not or could not be read.
    pub(crate) id: Option<&'static str>,
}

fn envelope(name: &'static str, body: impl Into<Vec<u8>>, code: i64) -> Envelope {
    let id = if [-32700, -32600].contains(&code) { "null" } else { "1" };
    Envelope { name, body: body.into(), code, id: Some(id) }
}

/// Bodies that are no JSON of ours.
fn broken() -> Vec<Envelope> {
    let wide = request("receipts.check", "{}");
    let wide: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (start, end) = (br#"{"id":1,"method":"receipts."#, br#""}"#);
    let cases: [(&str, &[u8]); 8] = [
        ("nothing", b""),
        ("no JSON", b"amount=5&account=7"),
        ("half of a JSON", br#"{"id":1,"method":"receipts.create","params":{"#),
        ("a comma too many", br#"{"id":1,"method":"receipts.check",}"#),
        ("something behind it", br#"{"id":1,"method":"receipts.check"} x"#),
        ("no UTF-8", &[start, &b"\xFF\xFE"[..], end].concat()),
        ("half a letter", &[start, &b"\xC3\x28"[..], end].concat()),
        ("two bytes a letter", &wide),
    ];
    cases.map(|(name, body)| envelope(name, body, -32700)).into()
}

/// JSON that is no call.
fn misshapen() -> Vec<Envelope> {
    let batch = format!("[{0},{0}]", request("receipts.check", "{}"));
    let without_id = [
        ("a text", r#""receipts.check""#),
        ("a number", "5"),
        ("null", "null"),
        ("an empty array", "[]"),
        ("a batch", batch.as_str()),
        ("a method twice", r#"{"id":1,"method":"a","method":"b"}"#),
    ];
    let without_method = [
        ("no method", r#"{"id":1}"#),
        ("a method that is a number", r#"{"id":1,"method":5}"#),
        ("a method that is null", r#"{"id":1,"method":null}"#),
    ];
    let mut found = without_id.map(|(name, body)| envelope(name, body, -32600)).to_vec();
    let known =
        |(name, body): (_, &str)| Envelope { id: Some("1"), ..envelope(name, body, -32600) };
    found.extend(without_method.map(known));
    found.push(envelope("an unknown method", request("receipts.steal", "{}"), -32601));
    found.push(envelope("capitals", request("Receipts.Check", "{}"), -32601));
    found.push(envelope("params as an array", request("receipts.check", r#"["x"]"#), -32602));
    found.push(envelope("params as a text", request("receipts.check", r#""x""#), -32602));
    found
}

/// Calls that are too large or too deep to be read.
fn excessive() -> Vec<Envelope> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let (arrays, objects) = (deep("[", "]"), deep(r#"{"a":"#, "}").replace(":}", ":1}"));
    let large = format!(r#"{{"description":"{}"}}"#, "x".repeat(2 << 20));
    let detail = format!(r#"{{"amount":5,"account":{{"order_id":1}},"detail":{{"a":{arrays}}}}}"#);
    let id = format!(r#"{{"id":{arrays},"method":"receipts.check"}}"#);
    vec![
        envelope("2 MiB", request("receipts.create", &large), -32600),
        envelope("deep params", request("receipts.create", &arrays), -32602),
        envelope("deep objects", request("receipts.create", &objects), -32602),
        envelope("a deep detail", request("receipts.create", &detail), -32602),
        envelope("a deep id", id, -32600),
        envelope("a deep nothing", arrays, -32600),
        envelope("an endless depth", "[".repeat(100_000), -32700),
    ]
}

/// All of them.
pub(crate) fn envelopes() -> Vec<Envelope> {
    broken().into_iter().chain(misshapen()).chain(excessive()).collect()
}

/// Methods, parameters, and the code and data of the error. `<receipt>` and `<token>` stand for
/// those of the caller.
pub(crate) const PARAMS: &[(&str, &str, i64, &str)] = &[
    ("cards.create", "{}", -32602, "card"),
    ("cards.create", r#"{"card":["8600069195406311","0399"]}"#, -32602, "card"),
    (
        "cards.create",
        r#"{"card":{"number":8600069195406311,"expire":"0399"}}"#,
        -32602,
        "card.number",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600 0691 9540 6311","expire":"0399"}}"#,
        -32602,
        "card.number",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"03/99"}}"#,
        -32602,
        "card.expire",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"1399"}}"#,
        -31300,
        "wrong_expiry",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"0399"},"save":1}"#,
        -32602,
        "save",
    ),
    ("cards.check", "{}", -32602, "token"),
    ("cards.check", r#"{"token":["<token>"]}"#, -32602, "token"),
    ("cards.check", r#"{"token":"no token"}"#, -32500, ""),
    ("cards.verify", r#"{"token":"<token>"}"#, -32602, "code"),
    ("cards.verify", r#"{"token":"<token>","code":6.5}"#, -32602, "code"),
    ("receipts.create", "{}", -32602, "amount"),
    ("receipts.create", r#"{"amount":null,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":"500","account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":[500],"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":500.5,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":1e-9,"account":{"order_id":1}}"#, -32602, "amount"),
    (
        "receipts.create",
        r#"{"amount":9223372036854775808,"account":{"order_id":1}}"#,
        -32602,
        "amount",
    ),
    ("receipts.create", r#"{"amount":1e400,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":1e999999999,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":9223372036854775807,"account":{"order_id":1}}"#, -31612, ""),
    ("receipts.create", r#"{"amount":0,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":-500,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":-9223372036854775807,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":500}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":null}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":""}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":{}}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":["order_id"]}"#, -32602, "account"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":"\u0000"}}"#,
        -32602,
        "account.order_id",
    ),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":1},"hold":"yes"}"#, -32602, "hold"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":1},"description":5}"#,
        -32602,
        "description",
    ),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":1},"detail":[]}"#, -32602, "detail"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":1},"detail":{"items":{}}}"#,
        -32602,
        "detail.items",
    ),
    ("receipts.pay", r#"{"token":"<token>"}"#, -32602, "id"),
    ("receipts.pay", r#"{"id":"<receipt>"}"#, -32602, "token"),
    ("receipts.pay", r#"{"id":["<receipt>"],"token":"<token>"}"#, -32602, "id"),
    ("receipts.pay", r#"{"id":"<receipt>","token":"no token"}"#, -32500, ""),
    ("receipts.pay", r#"{"id":"<receipt>","token":"<token>","payer":"me"}"#, -32602, "payer"),
    ("receipts.pay", r#"{"id":"000000000000000000000000","token":"<token>"}"#, -31602, ""),
    (
        "receipts.pay",
        r#"{"id":"<receipt>'; DROP TABLE receipt; --","token":"<token>"}"#,
        -31602,
        "",
    ),
    ("receipts.check", r#"{"id":5}"#, -32602, "id"),
    ("receipts.check", r#"{"id":"5"}"#, -31602, ""),
    ("receipts.get", r#"{"id":null}"#, -32602, "id"),
    ("receipts.cancel", r#"{"id":"2e0b1bc1f1eb50d487ba268d"}"#, -31602, ""),
    ("receipts.confirm_hold", r#"{"id":"<receipt>"}"#, -31602, "state:0"),
    ("receipts.confirm_hold", r#"{"id":"<receipt>","amount":"all"}"#, -32602, "amount"),
    ("receipts.send", r#"{"id":"<receipt>","phone":"somebody"}"#, -32602, "phone"),
    ("receipts.get_all", r#"{"count":51,"from":0,"to":1}"#, -32602, "count"),
    ("receipts.get_all", r#"{"count":2,"from":"yesterday","to":1}"#, -32602, "from"),
    ("receipts.get_all", r#"{"count":2,"from":0,"to":1,"offset":-1}"#, -32602, "offset"),
    ("receipts.set_fiscal_data", r#"{"id":"<receipt>","fiscal_data":[]}"#, -32602, "fiscal_data"),
    (
        "receipts.set_fiscal_data",
        r#"{"id":"<receipt>","fiscal_data":{"receipt_id":1}}"#,
        -32602,
        "fiscal_data.qr_code_url",
    ),
];
