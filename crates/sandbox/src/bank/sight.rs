//! A card as a request shows it to its host, without the number.

use std::fmt;

use chorsu_connectors::iso8583::Ascii;
use chorsu_core::card::MaskedPan;
use chorsu_core::{Expiry, Network, Pan};
use sha2::{Digest, Sha256};

use super::operation::kinds;
use super::published::{self, Conduct};
use super::text::Text;
use crate::book::{RecordId, RecordKey};

/// Which card: the first half of SHA-256 of the network's name and the card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CardTag([u8; TAG_BYTES]);

const TAG_BYTES: usize = 16;

impl CardTag {
    fn new(network: Network, pan: &Pan) -> Self {
        let digest = Sha256::new_with_prefix(network.name()).chain_update(pan.digits()).finalize();
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&digest[..TAG_BYTES]);
        Self(tag)
    }
}

impl fmt::Display for CardTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl Text for CardTag {
    fn read(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

/// What a host learns of a card from a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    /// Which card.
    pub(crate) tag: CardTag,
    /// Its masked number.
    pub(crate) masked: MaskedPan,
    /// The expiry that was given; none when an operator looks at the card.
    pub(crate) expiry: Option<Expiry>,
    /// The same as `YYMM`.
    pub(crate) yymm: Option<Ascii<4>>,
    /// How it behaves.
    pub(crate) conduct: Conduct,
    /// Whether it is a published test card.
    pub(crate) published: bool,
    /// Whether this network serves such cards and the number is a possible one.
    pub(crate) genuine: bool,
}

impl Sight {
    /// The card `pan` as the host of `network` sees it.
    pub(crate) fn new(network: Network, pan: &Pan, yymm: Option<Ascii<4>>) -> Self {
        let conduct = published::conduct(pan);
        let ours = Network::of(pan) == Some(network);
        Self {
            tag: CardTag::new(network, pan),
            masked: pan.masked(),
            expiry: yymm.and_then(|text| Expiry::parse_yymm(text.as_str())),
            yymm,
            conduct: conduct.unwrap_or(Conduct::Normal),
            published: conduct.is_some(),
            genuine: ours && (conduct.is_some() || pan.passes_luhn()),
        }
    }
}

/// The key of the card's record.
pub(crate) fn card_key(network: Network, tag: CardTag) -> RecordKey {
    RecordKey { kind: kinds(network).card, id: RecordId::of(tag.0) }
}

/// The phone of a card's holder, 12 digits: made up, but always the same for the same card.
pub(crate) fn phone(tag: CardTag) -> u64 {
    let number = tag.0.iter().fold(0, |sum, byte| (sum * 256 + u64::from(*byte)) % 10_000_000);
    998_900_000_000 + number
}
