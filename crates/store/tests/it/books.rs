//! The sandbox's books.

use chorsu_store::OpenOptions;
use chorsu_store::book::{Book, Change};

use crate::fresh::Fresh;

conformance!(
    records_are_read_and_written,
    counters_of_two_books_do_not_lose_a_step,
    new_records_of_two_books_are_made_once,
);

/// Books block, so they live on threads outside the runtime.
async fn on_a_thread<T: Send + 'static>(
    fresh: &Fresh,
    run: impl FnOnce(Book) -> T + Send + 'static,
) -> T {
    let options: OpenOptions = fresh.options.clone();
    let (done, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = done.send(run(Book::open(&options).unwrap()));
    });
    wait.await.unwrap()
}

fn read(book: &mut Book, keys: &[(&str, &str)]) -> Vec<Option<String>> {
    let mut read = Vec::new();
    book.transact(keys, &mut |found| {
        read = found;
        Vec::new()
    })
    .unwrap();
    read
}

async fn records_are_read_and_written(fresh: Fresh) {
    fresh.open().await.close().await;
    let keys = [("card", "1"), ("sms", "1"), ("card", "2")];
    on_a_thread(&fresh, move |mut book| {
        book.transact(&keys, &mut |found| {
            assert_eq!(found, [None, None, None]);
            let change = |key, body: &str| Change { key, body: body.to_owned() };
            vec![change(2, "two"), change(0, "один")]
        })
        .unwrap();
        let want = [Some("один".to_owned()), None, Some("two".to_owned())];
        assert_eq!(read(&mut book, &keys), want);
    })
    .await;
    on_a_thread(&fresh, move |mut book| {
        let want = [None, Some("two".to_owned()), Some("один".to_owned())];
        assert_eq!(read(&mut book, &[("sms", "1"), ("card", "2"), ("card", "1")]), want);
        let own = |id: &str, body: &str| (id.to_owned(), body.to_owned());
        assert_eq!(book.newest("card", 1).unwrap(), [own("2", "two")]);
        assert_eq!(book.newest("card", 9).unwrap(), [own("2", "two"), own("1", "один")]);
        let wrong = book.transact(&[], &mut |_| vec![Change { key: 0, body: String::new() }]);
        assert!(wrong.is_err());
        assert_eq!(book.newest("sms", 9).unwrap(), []);
    })
    .await;
}

async fn counters_of_two_books_do_not_lose_a_step(fresh: Fresh) {
    fresh.open().await.close().await;
    let count = |mut book: Book| {
        for _ in 0..50 {
            book.transact(&[("counter", "1")], &mut |found| {
                let last: u32 = found[0].as_deref().unwrap_or("0").parse().unwrap();
                vec![Change { key: 0, body: (last + 1).to_string() }]
            })
            .unwrap();
        }
    };
    tokio::join!(on_a_thread(&fresh, count), on_a_thread(&fresh, count));
    let newest = on_a_thread(&fresh, |mut book| book.newest("counter", 1).unwrap()).await;
    assert_eq!(newest, [("1".to_owned(), "100".to_owned())]);
}

/// Each counts its own records, and a common one; every other record is tried by both.
async fn new_records_of_two_books_are_made_once(fresh: Fresh) {
    fresh.open().await.close().await;
    let count = |mut book: Book| {
        let mut made = 0;
        for number in 0..50 {
            let (own, id) = (format!("{:?}", std::thread::current().id()), number.to_string());
            let keys = [("counter", own.as_str()), ("record", id.as_str()), ("total", "")];
            let mut is_new = false;
            book.transact(&keys, &mut |found| {
                is_new = found[1].is_none();
                if !is_new {
                    return Vec::new();
                }
                let next = |key: usize| {
                    let last: u32 = found[key].as_deref().unwrap_or("0").parse().unwrap();
                    Change { key, body: (last + 1).to_string() }
                };
                vec![next(0), Change { key: 1, body: own.clone() }, next(2)]
            })
            .unwrap();
            made += u32::from(is_new);
        }
        made
    };
    let (first, second) = tokio::join!(on_a_thread(&fresh, count), on_a_thread(&fresh, count));
    assert_eq!(first + second, 50);
    on_a_thread(&fresh, move |mut book| {
        assert_eq!(book.newest("total", 1).unwrap()[0].1, "50");
        assert_eq!(book.newest("record", 99).unwrap().len(), 50);
        let counted: u32 = book
            .newest("counter", 9)
            .unwrap()
            .iter()
            .map(|(_, body)| body.parse::<u32>().unwrap())
            .sum();
        assert_eq!(counted, 50);
    })
    .await;
}
