//! Requests as they are written, and answers spoilt in one way each.

use super::*;
use crate::iso8583::next_frame;

const OPERATION: OperationId = OperationId([7; 12]);

fn amount(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

fn debit(value: i64) -> CardRequest {
    CardRequest::Debit {
        operation: OPERATION,
        pan: Pan::parse("8600069195406311").unwrap(),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
        amount: amount(value),
        merchant: KassaId([0xab; 12]),
    }
}

fn trace() -> Trace {
    let (stan, sent_at) = (Ascii::parse("000001").unwrap(), Stamp::parse("0101000000").unwrap());
    Trace { stan, sent_at }
}

#[test]
fn a_debit_is_a_financial_request() {
    let mut out = Vec::new();
    debit(500_000).encode(&trace(), &mut String::new(), &mut out).unwrap();
    let message = Message::decode(next_frame(&out).unwrap().unwrap().0).unwrap();
    let mut private = String::new();
    Private { operation: Some(OPERATION), ..Private::default() }.write(&mut private);
    let fields = [
        (Field::Pan, "8600069195406311"),
        (Field::ProcessingCode, "000000"),
        (Field::Amount, "000000500000"),
        (Field::TransmittedAt, "0101000000"),
        (Field::Stan, "000001"),
        (Field::Expiry, "9903"),
        (Field::Terminal, "CHORSU01"),
        (Field::Merchant, "bababababababab"),
        (Field::Private, &private),
        (Field::Currency, "860"),
    ];
    assert_eq!(message.mti(), Mti::FINANCIAL);
    for (field, want) in fields {
        assert_eq!(message.get(field), Some(want), "{field:?}");
    }
}

#[test]
fn an_amount_too_large_for_the_field_is_not_written() {
    let mut out = Vec::new();
    for (value, want) in [
        (999_999_999_999, Ok(())),
        (1_000_000_000_000, Err(EncodeError::Length(Field::Amount))),
        (i64::MAX, Err(EncodeError::Length(Field::Amount))),
    ] {
        out.clear();
        assert_eq!(debit(value).encode(&trace(), &mut String::new(), &mut out), want);
        assert_eq!(out.is_empty(), want.is_err(), "{value}");
    }
}

/// An answer in parts, to be spoilt one by one.
#[derive(Clone)]
struct Answer {
    mti: Mti,
    processing_code: &'static str,
    code: &'static str,
    amount: Option<&'static str>,
    rrn: Option<&'static str>,
    operation: Option<OperationId>,
    told: Option<&'static str>,
    released: bool,
}

impl Answer {
    fn to_debit() -> Self {
        Self {
            mti: Mti::FINANCIAL.answer(),
            processing_code: PURCHASE,
            code: APPROVED,
            amount: Some("000000000500"),
            rrn: Some("000000000042"),
            operation: Some(OPERATION),
            told: None,
            released: false,
        }
    }

    fn to_ask() -> Self {
        let mti = Mti::ADMINISTRATIVE.answer();
        Self { mti, told: Some(APPROVED), ..Self::to_debit() }
    }

    fn read(&self, request: &CardRequest) -> Result<CardAnswer, AnswerError> {
        let mut private = String::new();
        let sub = Private {
            operation: self.operation,
            told_code: self.told,
            released: self.released,
            ..Private::default()
        };
        sub.write(&mut private);
        let mut message = Message::new(self.mti);
        message.set(Field::ProcessingCode, self.processing_code);
        message.set(Field::ResponseCode, self.code);
        message.set(Field::AuthCode, "000007");
        message.set(Field::Private, &private);
        for (field, value) in [(Field::Amount, self.amount), (Field::Rrn, self.rrn)] {
            if let Some(value) = value {
                message.set(field, value);
            }
        }
        request.expected().read(&message)
    }
}

fn approval() -> Approval {
    Approval {
        rrn: Ascii::from_number(42).unwrap(),
        auth_code: Ascii::from_number(7).unwrap(),
        amount: amount(500),
    }
}

#[test]
fn only_an_exact_answer_to_a_debit_is_believed() {
    use AnswerError as E;
    let good = Answer::to_debit();
    let other = Some(OperationId([8; 12]));
    let undocumented = E::UndocumentedCode(Ascii::parse("99").unwrap());
    let cases = [
        (good.clone(), Ok(CardAnswer::Approved(approval()))),
        (
            Answer { code: "51", amount: None, rrn: None, ..good.clone() },
            Ok(CardAnswer::Refused(CardRefusal::InsufficientFunds)),
        ),
        (Answer { code: "09", ..good.clone() }, Ok(CardAnswer::StillProcessing)),
        (Answer { code: "99", ..good.clone() }, Err(undocumented)),
        (Answer { operation: other, ..good.clone() }, Err(E::OtherOperation)),
        (Answer { operation: None, ..good.clone() }, Err(E::OtherOperation)),
        (Answer { operation: other, code: "51", ..good.clone() }, Err(E::OtherOperation)),
        (Answer { amount: Some("000000000501"), ..good.clone() }, Err(E::OtherAmount)),
        (Answer { amount: None, ..good.clone() }, Err(E::Field(Field::Amount))),
        (Answer { rrn: None, ..good.clone() }, Err(E::Field(Field::Rrn))),
        (Answer { mti: Mti::FINANCIAL, ..good.clone() }, Err(E::OtherKind)),
        (Answer { processing_code: REFUND, ..good }, Err(E::OtherKind)),
    ];
    for (place, (answer, want)) in cases.into_iter().enumerate() {
        assert_eq!(answer.read(&debit(500)), want, "case {place}");
    }
}

#[test]
fn what_became_of_an_operation_is_told_in_so_many_words() {
    let good = Answer::to_ask();
    let cases = [
        (good.clone(), Ok(CardAnswer::Approved(approval()))),
        (Answer { released: true, ..good.clone() }, Ok(CardAnswer::Released(approval()))),
        (
            Answer { told: Some("25"), ..good.clone() },
            Ok(CardAnswer::Refused(CardRefusal::OriginalNotFound)),
        ),
        (Answer { code: "14", told: None, ..good.clone() }, Ok(CardAnswer::NotFound)),
        (Answer { code: "09", told: None, ..good.clone() }, Ok(CardAnswer::StillProcessing)),
        (
            Answer { code: "91", told: None, ..good.clone() },
            Err(AnswerError::NotTold(CardRefusal::Unavailable)),
        ),
        (Answer { told: None, ..good.clone() }, Err(AnswerError::Field(Field::Private))),
        (
            Answer { told: Some("77"), ..good },
            Err(AnswerError::UndocumentedCode(Ascii::parse("77").unwrap())),
        ),
    ];
    for (place, (answer, want)) in cases.into_iter().enumerate() {
        let ask = CardRequest::Ask { operation: OPERATION };
        assert_eq!(answer.read(&ask), want, "case {place}");
    }
}

#[test]
fn an_inquiry_tells_phone_and_sms() {
    let request = CardRequest::Inquire {
        pan: Pan::parse("8600069195406311").unwrap(),
        expiry: Expiry::parse_mmyy("0399").unwrap(),
    };
    let mut message = Message::new(Mti::AUTHORISATION.answer());
    message.set(Field::ProcessingCode, INQUIRY);
    message.set(Field::ResponseCode, APPROVED);
    assert_eq!(request.expected().read(&message), Err(AnswerError::Field(Field::Private)));
    message.set(Field::Private, "03129989012345670401" /* cut */);
    assert_eq!(request.expected().read(&message), Err(AnswerError::Field(Field::Private)));
    message.set(Field::Private, "031299890123456704010");
    let holder = Holder { phone: Some("998901234567".into()), sms: false };
    assert_eq!(request.expected().read(&message), Ok(CardAnswer::Card(holder)));
}
