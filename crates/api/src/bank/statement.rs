//! The request for a statement: by JSON body, by GET with a body, or by query.

use chorsu_core::bank::{BankCode, BankDay, Direction, Field, ServiceNumber};

use super::fields::Fields;
use super::path::service_of_path;

const NAMES: [&str; 5] = ["type", "lastId", "fromDate", "toDate", "serviceId"];
/// No id of a document has more digits.
const ID_DIGITS_MAX: usize = 19;

/// Which documents a statement is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementScope {
    /// `0`: all.
    All,
    /// `1` incoming or `2` outgoing ones.
    Only(Direction),
}

impl StatementScope {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "0" => Some(Self::All),
            "1" => Some(Self::Only(Direction::Incoming)),
            "2" => Some(Self::Only(Direction::Outgoing)),
            _ => None,
        }
    }
}

/// The fields of a request for a statement, not looked at yet.
#[derive(Clone, Debug)]
pub struct StatementDraft<'a> {
    scope: Field<'a>,
    last_id: Field<'a>,
    from: Field<'a>,
    to: Field<'a>,
    service: Field<'a>,
    malformed: bool,
}

/// What a statement is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementRequest {
    /// Whose documents.
    pub service: ServiceNumber,
    /// Which of them.
    pub scope: StatementScope,
    /// Those with a larger id than this, rising; 0 begins.
    pub last_id: i64,
    /// First banking day.
    pub from: BankDay,
    /// Last banking day; it belongs to the statement.
    pub to: BankDay,
}

/// Reads a request for a statement: from the body when there is one, else from the query.
///
/// # Errors
/// 1017 for a body that is no JSON object, and for a field that is given twice.
pub fn read_statement<'a>(
    body: &'a [u8],
    query: Option<&'a str>,
) -> Result<StatementDraft<'a>, BankCode> {
    let fields = if body.trim_ascii().is_empty() {
        Fields::of_query(query.unwrap_or_default(), &NAMES)
    } else {
        Fields::of_json(body, &NAMES)
    };
    let Fields { values, malformed } = fields.ok_or(BankCode::FieldMissing)?;
    let [scope, last_id, from, to, service] = values;
    Ok(StatementDraft { scope, last_id, from, to, service, malformed })
}

impl StatementDraft<'_> {
    /// The number of the service: asked for before anything else.
    ///
    /// # Errors
    /// 1017 when it is missing, 1001 when it cannot be a service's number.
    pub fn service(&self) -> Result<ServiceNumber, BankCode> {
        match self.service.as_deref() {
            None | Some("") => Err(BankCode::FieldMissing),
            Some(text) => service_of_path(text),
        }
    }

    /// Checks the other fields.
    ///
    /// # Errors
    /// 1017 when one is missing or not of its form, or when the last day is before the first.
    pub fn check(&self) -> Result<StatementRequest, BankCode> {
        let service = self.service()?;
        self.read(service).ok_or(BankCode::FieldMissing)
    }

    fn read(&self, service: ServiceNumber) -> Option<StatementRequest> {
        let scope = StatementScope::parse(self.scope.as_deref()?)?;
        let last_id = self.last_id.as_deref()?;
        let plain = (1..=ID_DIGITS_MAX).contains(&last_id.len())
            && last_id.bytes().all(|byte| byte.is_ascii_digit());
        let last_id = if plain { last_id.parse().ok()? } else { return None };
        let from = BankDay::parse(self.from.as_deref()?)?;
        let to = BankDay::parse(self.to.as_deref()?)?;
        let sound = !self.malformed && from <= to;
        sound.then_some(StatementRequest { service, scope, last_id, from, to })
    }
}
