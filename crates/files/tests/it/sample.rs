//! A statement and a settlement report with everything in them that is hard to write.

use chorsu_core::{Tiyin, UnixMillis};
use chorsu_files::{
    Day, Direction, Line, Party, SettlementFile, SettlementReport, SettlementRow, Share, Statement,
    StatementFormat, TableFormat, write_statement,
};

pub(crate) const ACCOUNT: &str = "29896000200000401070";
/// 2023-02-01 16:32:23 in Tashkent.
pub(crate) const AFTERNOON: UnixMillis = UnixMillis(1_675_251_143_000);
/// 2023-02-01 23:59:59 UTC, which is the next day in Tashkent.
pub(crate) const LATE: UnixMillis = UnixMillis(1_675_295_999_000);

pub(crate) fn tiyin(amount: i64) -> Tiyin {
    Tiyin::new(amount).unwrap()
}

pub(crate) fn day(day: i8) -> Day {
    Day::from_ymd(2023, 2, day).unwrap()
}

fn party(mfo: &str, account: &str, name: &str, inn: Option<&str>) -> Party {
    Party {
        mfo: mfo.into(),
        account: account.into(),
        name: name.into(),
        inn: inn.map(str::to_owned),
    }
}

fn shop() -> Party {
    party("00401", ACCOUNT, "SELLO - C2C", Some("307692757"))
}

/// The head of [`lines`].
pub(crate) fn statement() -> Statement {
    let lines = lines();
    let total = |direction| {
        let side = lines.iter().filter(|line| line.direction == direction);
        side.fold(Tiyin::ZERO, |sum, line| sum.checked_add(line.amount).unwrap())
    };
    let (incoming, outgoing) = (total(Direction::Incoming), total(Direction::Outgoing));
    Statement {
        account: ACCOUNT.into(),
        mfo: "00401".into(),
        owner_name: "SELLO - C2C".into(),
        owner_inn: Some("307692757".into()),
        from: day(1),
        to: day(2),
        created_at: LATE,
        opening_tiyin: -12_345,
        closing_tiyin: -12_345 + incoming.get() - outgoing.get(),
        incoming,
        outgoing,
    }
}

/// Four payments: the one of the bank's document, two to sellers, one to the budget.
pub(crate) fn lines() -> Vec<Line> {
    let market =
        party("00401", "20208000405273320010", "ООО \"MARKETPLACE TRADING\"", Some("307692757"));
    let incoming = Line {
        id: 2_111_291_793,
        number: "1917830".into(),
        doc_time: AFTERNOON,
        bank_day: day(1),
        direction: Direction::Incoming,
        amount: tiyin(400),
        payer: market,
        receiver: shop(),
        purpose: "тест".into(),
        purpose_code: None,
        order_key: None,
        doc_id: None,
    };
    let outgoing = |id: i64, amount: i64| Line {
        id,
        number: format!("{}", id % 10_000_000),
        doc_time: LATE,
        bank_day: day(2),
        direction: Direction::Outgoing,
        amount: tiyin(amount),
        payer: shop(),
        receiver: Party::default(),
        purpose: String::new(),
        purpose_code: Some("00668".into()),
        order_key: Some(format!("order-{id}")),
        doc_id: Some(format!("1180_{id}")),
    };
    let formula = Line {
        receiver: party("01091", "20206000990248844444", "ЯТТ Ғуломов Ўктам Қўқонович", None),
        purpose: "=HYPERLINK(\"http://example.org\")\r\nза <товар> & доставку; oʻn besh".into(),
        ..outgoing(2_111_291_794, 50_005)
    };
    let long = Line {
        receiver: party(
            "00974",
            "20208000800000000001",
            "MChJ «Yulduz»; “Sharq”",
            Some("301234561"),
        ),
        purpose: "Оплата по договору за услуги ".repeat(11),
        order_key: Some("5153f545-52bf-46fd-af1a-c31b43fe043e".into()),
        ..outgoing(2_111_291_795, 100_000_000_001)
    };
    let budget = Line {
        receiver: party("00014", "23402000300100001010", "Казначейство", Some("201122919")),
        purpose: "~400522860262837950100251028~207099143~За патент за январь 2020 года".into(),
        purpose_code: Some("09510".into()),
        ..outgoing(2_111_291_796, 500_000)
    };
    vec![incoming, formula, long, budget]
}

/// The sample statement in `format`.
pub(crate) fn statement_in(format: StatementFormat) -> Vec<u8> {
    write_statement(format, &statement(), lines().into_iter().map(Ok), Vec::new()).unwrap()
}

/// The sample report in `format`.
pub(crate) fn settlement_in(format: TableFormat) -> Vec<u8> {
    let report = SettlementReport { from: day(1), to: day(2), created_at: LATE };
    let mut file = SettlementFile::begin(format, &report, Vec::new()).unwrap();
    for row in merchants() {
        file.row(&row).unwrap();
    }
    file.finish().unwrap()
}

fn merchants() -> [SettlementRow; 2] {
    let paid = SettlementRow {
        merchant_id: "5e730e8e0b852a417aa49ceb".into(),
        merchant_name: "OOO «Гул бозор»".into(),
        gross: tiyin(10_000_000),
        commission: tiyin(100_001),
        fee: tiyin(2_000),
        shares: vec![
            Share { name: "Доставка".into(), amount: tiyin(700_000) },
            Share { name: "Площадка".into(), amount: tiyin(50) },
        ],
        net: tiyin(9_197_949),
        order_key: Some("settle-1".into()),
        status: "Проведен".into(),
        paid_on: Some(day(2)),
    };
    let waiting = SettlementRow {
        merchant_id: "100fe486b33784292111b7dc".into(),
        merchant_name: "@бозор".into(),
        shares: Vec::new(),
        order_key: None,
        status: "Ждёт".into(),
        paid_on: None,
        ..paid.clone()
    };
    [paid, waiting]
}
