//! The three languages of the API and the choice of one by Accept-Language (RFC 9110, 12.5.4).

use chorsu_core::kassa::Titles;

/// How many languages of the header are looked at; people list three or four.
const RANGES_MAX: usize = 16;
/// The weight of a language without one, in thousandths.
const FULL_WEIGHT: u16 = 1000;

/// A language of texts. Uzbek is in Latin script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Russian, the default: what the API has always answered in.
    #[default]
    Ru,
    /// Uzbek.
    Uz,
    /// English.
    En,
}

impl Language {
    /// The language a caller prefers by its Accept-Language header; Russian when it names none
    /// that is known here. Of equal weights the first wins.
    #[must_use]
    pub fn accepted(header: Option<&str>) -> Self {
        let mut best = (0, Self::default());
        for range in header.unwrap_or_default().split(',').take(RANGES_MAX) {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let Some(language) = Self::of_tag(tag.trim()) else { continue };
            let weight = weight(parameters);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// `ru`, `ru-RU` and the like.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let known = [("ru", Self::Ru), ("uz", Self::Uz), ("en", Self::En)];
        known.into_iter().find(|(name, _)| primary.eq_ignore_ascii_case(name)).map(|(_, it)| it)
    }

    /// The text in this language, or in Russian when there is none.
    #[must_use]
    pub fn of(self, titles: &Titles) -> &str {
        let text = match self {
            Self::Ru => &titles.ru,
            Self::Uz => &titles.uz,
            Self::En => &titles.en,
        };
        if text.is_empty() { &titles.ru } else { text }
    }
}

/// The weight in `q=0.8`, in thousandths; one that cannot be read counts as none given.
fn weight(parameters: &str) -> u16 {
    let parameters = parameters.trim();
    let given = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="));
    let Some(given) = given.map(str::trim) else { return FULL_WEIGHT };
    let (whole, fraction) = given.split_once('.').unwrap_or((given, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "0" if digits => format!("{fraction:0<3}").parse().unwrap_or(FULL_WEIGHT),
        _ => FULL_WEIGHT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        let long = "xx,".repeat(10_000) + "uz";
        let cases = [
            (None, Language::Ru),
            (Some(""), Language::Ru),
            (Some("*"), Language::Ru),
            (Some("uz"), Language::Uz),
            (Some("UZ-Latn-UZ"), Language::Uz),
            (Some("en_US"), Language::En),
            (Some("fr, en;q=0.5, uz;q=0.7"), Language::Uz),
            (Some("en;q=0.501, uz;q=0.5"), Language::En),
            (Some("en;q=0, uz;q=0.1"), Language::Uz),
            (Some("en; q=0"), Language::Ru),
            (Some("uz;q=1.000, en"), Language::Uz),
            (Some("en;q=banana"), Language::En),
            (Some(",,;;q=,"), Language::Ru),
            (Some(&long), Language::Ru),
        ];
        for (header, want) in cases {
            assert_eq!(Language::accepted(header), want, "{:.40}", header.unwrap_or("-"));
        }
    }

    #[test]
    fn a_missing_text_is_russian() {
        let titles = Titles { ru: "Заказ".into(), uz: "Buyurtma".into(), en: String::new() };
        assert_eq!(Language::Uz.of(&titles), "Buyurtma");
        assert_eq!(Language::En.of(&titles), "Заказ");
    }
}
