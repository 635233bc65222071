//! Holds: captured, released, and ended by each network's 30 days.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::Network;
use chorsu_core::network::HOLD_LIFE_MS;

use super::{HOUR, HUMO, Host, PLENTY, UZ, approved, refused, told};
use crate::bank::{CardChange, Kind};

#[test]
fn a_hold_is_captured_in_whole_or_in_part_or_released() {
    use CardRefusal as R;
    for network in Network::ALL {
        let pan = if network == Network::Uzcard { UZ } else { HUMO };
        let mut host = Host::new(network);
        host.hold(1, pan, 500);
        host.hold(2, pan, 300);
        assert_eq!(host.money(pan), (PLENTY - 800, 800));
        assert!(refused(host.follow(Kind::Capture, 3, 1, 501), R::InvalidAmount));
        assert!(refused(host.follow(Kind::Capture, 4, 1, 0), R::InvalidAmount));
        assert!(refused(host.follow(Kind::Refund, 5, 1, 500), R::NotAllowed));
        assert_eq!(host.follow(Kind::Capture, 6, 1, 200), approved(200));
        assert_eq!(host.money(pan), (PLENTY - 500, 300));
        assert_eq!(host.follow(Kind::Capture, 6, 1, 200), approved(200));
        assert!(refused(host.follow(Kind::Capture, 7, 1, 200), R::AlreadyDone));
        assert!(refused(host.follow(Kind::Release, 8, 1, 0), R::NotAllowed));
        assert_eq!(host.follow(Kind::Release, 9, 2, 0), approved(300));
        assert_eq!(host.follow(Kind::Release, 9, 2, 0), approved(300));
        assert!(refused(host.follow(Kind::Release, 10, 2, 0), R::HoldReleased));
        assert!(refused(host.follow(Kind::Capture, 11, 2, 300), R::HoldReleased));
        assert_eq!((host.ask(1), host.ask(2)), (told(500, false), told(300, true)));
        assert!(refused(host.follow(Kind::Refund, 12, 1, 500), R::InvalidAmount));
        assert_eq!(host.follow(Kind::Refund, 13, 1, 200), approved(200));
        assert_eq!(host.money(pan), (PLENTY, 0));
        assert_eq!(host.totals().net, 0);
    }
}

#[test]
fn uzcard_gives_a_hold_back_after_thirty_days() {
    let mut host = Host::new(Network::Uzcard);
    host.hold(1, UZ, 500);
    host.now += HOUR;
    host.hold(2, UZ, 300);
    host.now += HOLD_LIFE_MS - HOUR - 1;
    assert_eq!((host.ask(1), host.money(UZ)), (told(500, false), (PLENTY - 800, 800)));
    host.now += 1;
    assert_eq!(host.ask(1), told(500, true));
    assert_eq!(host.money(UZ), (PLENTY - 300, 300));
    assert!(refused(host.follow(Kind::Capture, 3, 1, 500), CardRefusal::HoldReleased));
    assert!(refused(host.follow(Kind::Release, 4, 1, 0), CardRefusal::HoldReleased));
    // The second, noticed by its own follow-up and not by a look at the card.
    host.now += HOUR;
    assert!(refused(host.follow(Kind::Capture, 5, 2, 300), CardRefusal::HoldReleased));
    assert_eq!(host.money(UZ), (PLENTY, 0));
    assert_eq!(host.totals().net, 0);
}

#[test]
fn a_lapsed_hold_gives_its_money_to_the_next_payment() {
    let mut host = Host::new(Network::Uzcard);
    host.change(UZ, CardChange { balance: Some(500), ..CardChange::default() });
    host.hold(1, UZ, 500);
    assert!(refused(host.debit(2, UZ, 500), CardRefusal::InsufficientFunds));
    host.now += HOLD_LIFE_MS;
    assert_eq!(host.debit(3, UZ, 500), approved(500));
    assert!(refused(host.follow(Kind::Capture, 4, 1, 500), CardRefusal::HoldReleased));
    assert_eq!(host.money(UZ), (0, 0));
}

#[test]
fn an_old_hold_at_humo_can_only_be_captured() {
    let mut host = Host::new(Network::Humo);
    host.hold(1, HUMO, 500);
    host.hold(2, HUMO, 300);
    host.now += HOLD_LIFE_MS - 1;
    assert_eq!(host.follow(Kind::Release, 3, 2, 0), approved(300));
    host.now += 1;
    assert!(refused(host.follow(Kind::Release, 4, 1, 0), CardRefusal::NotAllowed));
    assert_eq!((host.ask(1), host.money(HUMO)), (told(500, false), (PLENTY - 500, 500)));
    assert_eq!(host.follow(Kind::Capture, 5, 1, 500), approved(500));
    assert_eq!(host.money(HUMO), (PLENTY - 500, 0));
}

#[test]
fn many_holds_of_one_card_stay_exact() {
    let mut host = Host::new(Network::Uzcard);
    // Twice as many as are remembered apart, some of them in the same millisecond.
    for number in 0..128_u8 {
        host.now += i64::from(number / 2);
        assert_eq!(
            host.hold(number, UZ, 100 + i64::from(number)),
            approved(100 + i64::from(number))
        );
    }
    let held: i64 = (0..128).map(|number| 100 + number).sum();
    assert_eq!(host.money(UZ), (PLENTY - held, held));
    for number in (0..128_u8).step_by(3) {
        host.follow(Kind::Release, 128 + number / 3, number, 0);
    }
    let rest: i64 = (0..128).filter(|number| number % 3 != 0).map(|number| 100 + number).sum();
    assert_eq!(host.money(UZ), (PLENTY - rest, rest));
    host.now += HOLD_LIFE_MS;
    assert_eq!(host.money(UZ), (PLENTY, 0));
}
