//! Bank services under load: the floor holds, statements have no holes, settlements reach the
//! service that pays them out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chorsu_core::bank::{Direction, OrderState};
use chorsu_core::order::StatementLine;
use chorsu_core::settlement::SettlementState;
use chorsu_core::{Account, Document, DocumentKind, KassaId, Reject, ServiceId};
use chorsu_store::{StatementRange, Store};

use crate::branch::{
    Branch, OTHER_SERVICE, PARTNER, SERVICE, accept, new_incoming, new_order, new_service, receive,
};
use crate::concurrency::stores;
use crate::counter::{Counter, tiyin};
use crate::fresh::Fresh;
use crate::world::{KASSA, NOW, reject};

conformance!(
    the_floor_holds_under_load,
    a_reader_of_a_statement_misses_nothing,
    a_statement_is_narrowed_by_day_direction_and_number,
    a_settlement_goes_from_the_merchant_to_the_service,
    what_was_refused_is_sent_anew_as_often_as_it_takes,
    settings_of_a_service_change_without_its_money,
);

const EVERYTHING: StatementRange = StatementRange {
    service: SERVICE,
    after: 0,
    from_day: i64::MIN,
    to_day: i64::MAX,
    direction: None,
    limit: 1_000,
};

async fn the_floor_holds_under_load(fresh: Fresh) {
    let stores = stores(&fresh).await;
    // Enough for ten orders and a bit.
    Branch(&stores[0]).open(10_500).await;
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let store = stores[number % stores.len()].clone();
            tokio::spawn(async move { Branch(&store).accept(&format!("{number}")).await })
        })
        .collect();
    let mut orders = Vec::new();
    for task in tasks {
        orders.push(task.await.unwrap());
    }
    let funded = || orders.iter().filter(|order| order.is_funded);
    assert_eq!(funded().count(), 10);
    assert_eq!(Branch(&stores[0]).money(SERVICE).await, (400, 10_100, 1));
    fresh.assert_clean().await;

    // Both stores end all of them at once, each in its own way: the first end counts.
    let tasks: Vec<_> = (0..120)
        .map(|number| {
            let store = stores[number / 60 % stores.len()].clone();
            let order = orders[number % 60].clone();
            tokio::spawn(async move {
                if number < 60 {
                    Branch(&store).post(&order, 20_000).await
                } else {
                    Branch(&store).delete(&order).await
                }
            })
        })
        .collect();
    for task in tasks {
        assert_ne!(task.await.unwrap().state, OrderState::Entered);
    }
    let mut posted = 0;
    for order in &orders {
        let stored = Counter(&stores[0]).stored(order.id).await;
        let stored = stored.order().unwrap();
        assert!(stored.is_funded || stored.state == OrderState::Deleted);
        posted += i64::from(stored.state == OrderState::Posted);
    }
    let money = Branch(&stores[0]).money(SERVICE).await;
    assert_eq!(money, (10_500 - posted * 1_010, 0, 1 + 2 * posted));
    let out = stores[0].balance(Account::Correspondent).await.unwrap();
    let fees = stores[0].balance(Account::Fees).await.unwrap();
    assert_eq!((out, fees), (10_500 - posted * 1_000, -posted * 10));
    fresh.assert_clean().await;
}

async fn a_reader_of_a_statement_misses_nothing(fresh: Fresh) {
    const TASKS: usize = 30;
    const PAYMENTS: usize = 600;
    let stores = stores(&fresh).await;
    Branch(&stores[0]).open(0).await;
    // Many come at once: one commit brings more lines than the look of a small page reaches.
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = stores[task % stores.len()].clone();
            tokio::spawn(async move {
                for number in 0..PAYMENTS / TASKS {
                    // The other service's lines come between and are not ours to read.
                    let service = if number % 5 == 0 { OTHER_SERVICE } else { SERVICE };
                    let reference = format!("{task}/{number}");
                    let incoming = new_incoming(service, &reference, 1 + task as i64);
                    store.submit(receive(incoming)).await.unwrap();
                }
            })
        })
        .collect();
    let is_over = AtomicBool::new(false);
    let work = async {
        for task in tasks {
            task.await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let [of_one, of_seven] = [1, 7].map(|limit| StatementRange { limit, ..EVERYTHING });
    let ((), read, read_too) = tokio::join!(
        work,
        read_along(&stores[0], of_one, &is_over),
        read_along(&stores[stores.len() - 1], of_seven, &is_over)
    );
    let last = Branch(&stores[0]).money(SERVICE).await;
    assert!(read.iter().map(|line| line.id).eq(1..=last.2), "lines come once and in order");
    assert_eq!(read.len(), PAYMENTS / 5 * 4);
    assert_eq!(read.iter().map(|line| line.amount.get()).sum::<i64>(), last.0);
    assert_eq!(read, stores[0].statement(EVERYTHING).await.unwrap());
    assert_eq!(read_too, read);
    fresh.assert_clean().await;
}

/// Reads a statement page by page, remembering only the last number, until all writers have gone.
pub(crate) async fn read_along(
    store: &Store,
    range: StatementRange,
    is_over: &AtomicBool,
) -> Vec<StatementLine> {
    let mut read: Vec<StatementLine> = Vec::new();
    loop {
        let was_over = is_over.load(Ordering::Relaxed);
        let after = read.last().map_or(range.after, |line| line.id);
        let page = store.statement(StatementRange { after, ..range }).await.unwrap();
        if page.is_empty() && was_over {
            return read;
        }
        assert!(page.len() <= usize::try_from(range.limit).unwrap());
        read.extend(page);
        tokio::task::yield_now().await;
    }
}

async fn a_statement_is_narrowed_by_day_direction_and_number(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    branch.open(100_000).await;
    let opening_day = NOW.tashkent_day();
    let mut orders = Vec::new();
    for day in 1..=4 {
        let order = branch.accept(&format!("{day}")).await;
        orders.push(branch.post(&order, opening_day + day).await);
    }
    let of = |from: i64, to: i64| StatementRange {
        from_day: opening_day + from,
        to_day: opening_day + to,
        ..EVERYTHING
    };
    let direction = |direction| StatementRange { direction: Some(direction), ..EVERYTHING };
    let cases = [
        (EVERYTHING, &[1, 2, 3, 4, 5, 6, 7, 8, 9][..]),
        (of(0, 0), &[1]),
        (of(1, 2), &[2, 3, 4, 5]),
        (of(3, 2), &[]),
        (StatementRange { after: 2, ..of(0, 3) }, &[3, 4, 5, 6, 7]),
        (StatementRange { after: 1, limit: 2, ..EVERYTHING }, &[2, 3]),
        (StatementRange { after: 9, ..EVERYTHING }, &[]),
        (direction(Direction::Incoming), &[1]),
        (direction(Direction::Outgoing), &[2, 3, 4, 5, 6, 7, 8, 9]),
        (StatementRange { service: OTHER_SERVICE, ..EVERYTHING }, &[]),
    ];
    for (range, want) in cases {
        let lines = store.statement(range).await.unwrap();
        let found: Vec<_> = lines.iter().map(|line| line.id).collect();
        assert_eq!(found, want, "{range:?}");
    }
    let lines = StatementRange { after: 1, limit: 2, ..EVERYTHING };
    let lines = store.statement(lines).await.unwrap();
    let want = StatementLine {
        service: SERVICE,
        id: 2,
        direction: Direction::Outgoing,
        document: orders[0].id,
        at: NOW,
        bank_day: opening_day + 1,
        amount: tiyin(1_000),
        number: i64::from(orders[0].doc_number()),
        parties: Arc::from(r#"{"payer":"Бозор"}"#),
    };
    // The commission is a line of its own.
    let fee = StatementLine {
        id: 3,
        amount: tiyin(10),
        parties: Arc::from(r#"{"payer":"Бозор","purpose":"комиссия"}"#),
        ..want.clone()
    };
    assert_eq!(lines, [want.clone(), fee]);
    assert_eq!(orders[0].line, Some(2));
    assert_eq!(store.statement_line(SERVICE, 2).await.unwrap(), Some(want));
    assert_eq!(store.statement_line(SERVICE, 10).await.unwrap(), None);
    assert_eq!(store.statement_line(OTHER_SERVICE, 2).await.unwrap(), None);
}

async fn a_settlement_goes_from_the_merchant_to_the_service(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    branch.open(0).await;
    let merchant = Account::Merchant(KASSA);
    Counter(&store).paid("880", "1").await;
    let today = NOW.tashkent_day();
    let owed = async |day: i64| store.merchant_net(KASSA, day).await.unwrap();
    assert_eq!(owed(today).await, 0, "what came on this day is not before it");
    assert_eq!(owed(today + 1).await, -4_950);
    assert_eq!(store.merchant_net(KassaId([3; 12]), today + 1).await.unwrap(), 0);
    assert_eq!(store.balance(merchant).await.unwrap(), -4_950);

    let settlement = branch.propose(1).await;
    assert_eq!(branch.money(SERVICE).await, (0, 0, 0), "a proposal moves nothing");
    for _ in 0..2 {
        assert_eq!(branch.send(settlement.id).await.state, SettlementState::Sent);
        assert_eq!(branch.money(SERVICE).await, (0, 3_960, 1), "all of it is set aside");
    }
    assert_eq!(
        branch.conclude(settlement.id, SettlementState::Withdrawn).await.state,
        SettlementState::Sent,
        "money is behind it"
    );
    assert_eq!(owed(today + 1).await, -950);
    assert_eq!(store.balance(merchant).await.unwrap(), -950);
    for order in branch.orders_of(settlement.id).await {
        assert_eq!((order.is_funded, order.settlement), (true, Some(settlement.id)));
        branch.post(&order, 20_000).await;
    }
    let due = store.due_documents(DocumentKind::Settlement, NOW, None, 9).await.unwrap();
    assert_eq!(due.iter().map(Document::id).collect::<Vec<_>>(), [settlement.id]);
    let settled = branch.conclude(settlement.id, SettlementState::Settled).await;
    assert_eq!(settled.state, SettlementState::Settled);
    assert!(store.due_documents(DocumentKind::Settlement, NOW, None, 9).await.unwrap().is_empty());
    assert_eq!(branch.money(SERVICE).await, (0, 0, 5));
    assert_eq!(store.balance(Account::Fees).await.unwrap(), -50 - 40 - 20);
    assert_eq!(store.balance(Account::Suspense).await.unwrap(), 0);
    fresh.assert_clean().await;
}

async fn what_was_refused_is_sent_anew_as_often_as_it_takes(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    branch.open(0).await;
    let settlement = branch.propose(1).await;
    branch.send(settlement.id).await;
    let mine = async || branch.orders_of(settlement.id).await.swap_remove(0);
    branch.post(&branch.orders_of(settlement.id).await[1], 20_000).await;
    for attempt in 1..=4 {
        branch.delete(&mine().await).await;
        let money = branch.money(SERVICE).await;
        assert_eq!((money.0, money.1), (0, 0), "what came back is nobody's to spend");
        let differs = branch.conclude(settlement.id, SettlementState::Differs).await;
        assert_eq!((differs.state, differs.attempts), (SettlementState::Differs, attempt));
        assert_eq!(differs.suspended, tiyin(1_980));
        assert_eq!(store.balance(Account::Suspense).await.unwrap(), -1_980);
        fresh.assert_clean().await;
        let sent = branch.resume(settlement.id, 0).await;
        assert_eq!((sent.state, sent.suspended), (SettlementState::Sent, tiyin(0)));
        assert_eq!(store.balance(Account::Suspense).await.unwrap(), 0);
        fresh.assert_clean().await;
    }
    branch.post(&mine().await, 20_000).await;
    let settled = branch.conclude(settlement.id, SettlementState::Settled).await;
    assert_eq!(settled.state, SettlementState::Settled);
    let entries = 1 + 2 + 2 + 4 * "deleted, held, resumed, accepted".split(", ").count();
    assert_eq!(fresh.assert_clean().await.entries, u64::try_from(entries).unwrap());
    let twice = "INSERT INTO entry (lane, seq, at, kind, owner_id, document_id, postings, hash) \
         SELECT lane, seq + 1000, at, kind, owner_id, document_id, postings, hash FROM entry \
         WHERE kind = 'settled'";
    assert!(fresh.try_sql(twice).await.is_err(), "it is booked once, whatever a program believes");
}

async fn settings_of_a_service_change_without_its_money(fresh: Fresh) {
    let store = fresh.open().await;
    let branch = Branch(&store);
    assert_eq!(store.services().await.unwrap(), []);
    assert_eq!(store.service(SERVICE).await.unwrap(), None);
    branch.open(5_000).await;
    let order = branch.accept("1").await;
    let mut changed = new_service(SERVICE);
    (changed.activated, changed.name) = (false, Arc::from("закрыт"));
    // What is said here of money is not taken over.
    (changed.available, changed.reserved, changed.last_line) = (tiyin(9), tiyin(9), 9);
    store.put_service(&changed).await.unwrap();
    (changed.available, changed.reserved, changed.last_line) = (tiyin(3_990), tiyin(1_010), 1);
    assert_eq!(store.service(SERVICE).await.unwrap().as_ref(), Some(&changed));
    branch.post(&order, 20_000).await;
    assert_eq!(branch.money(SERVICE).await, (3_990, 0, 3));
    let services = store.services().await.unwrap();
    let ids: Vec<_> = services.iter().map(|service| service.id).collect();
    assert_eq!(ids, [SERVICE, OTHER_SERVICE]);

    let mut stranger = new_order("2");
    stranger.service = ServiceId(1);
    assert_eq!(reject(store.submit(accept(stranger)).await), Reject::NoSuchService);
    assert_eq!(services[0].partner, PARTNER);
    store.close().await;
    let store = fresh.open().await;
    assert_eq!(store.services().await.unwrap(), services);
    fresh.assert_clean().await;
}
