//! The three languages of the pages and the choice of one: what the visitor clicked, else what the
//! browser asks for (RFC 9110, 12.5.4).

use chorsu_core::kassa::Titles;

/// How many languages of the header are looked at; people list three or four.
const RANGES_MAX: usize = 16;
/// The weight of a language that names none, in thousandths.
const FULL_WEIGHT: u16 = 1000;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Uzbek in Latin script, the state language and the default.
    #[default]
    Uz,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Uz, Self::Ru, Self::En];

    /// Its BCP 47 tag: the value of `?lang=`, of the form field `lang` and of `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Uz => "uz",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Uz => "Oʻzbekcha",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    /// The language of `uz`, `uz-Latn-UZ`, `RU` and the like.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|known| primary.eq_ignore_ascii_case(known.tag()))
    }

    /// The known language with the greatest weight in an Accept-Language header, the first of
    /// equals; the default when the header is absent or names none of them.
    #[must_use]
    pub fn from_accept_language(header: Option<&str>) -> Self {
        let mut best = (0, Self::default());
        for range in header.unwrap_or_default().split(',').take(RANGES_MAX) {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let Some(language) = Self::from_tag(tag.trim()) else { continue };
            let weight = weight(parameters);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The language of a visit: `chosen` (`?lang=` or the form field) when it is one of ours, else
    /// what the browser asks for.
    #[must_use]
    pub fn choose(chosen: Option<&str>, accept_language: Option<&str>) -> Self {
        let chosen = chosen.and_then(Self::from_tag);
        chosen.unwrap_or_else(|| Self::from_accept_language(accept_language))
    }

    /// The title in this language; when that one is empty, the first that is not.
    #[must_use]
    pub fn of(self, titles: &Titles) -> &str {
        let own = match self {
            Self::Uz => &titles.uz,
            Self::Ru => &titles.ru,
            Self::En => &titles.en,
        };
        let all = [own, &titles.ru, &titles.uz, &titles.en];
        all.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
    }
}

/// The weight in `q=0.8`, in thousandths; one that cannot be read counts as none given.
fn weight(parameters: &str) -> u16 {
    let parameters = parameters.trim();
    let given = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="));
    let Some(given) = given else { return FULL_WEIGHT };
    let (whole, fraction) = given.trim().split_once('.').unwrap_or((given.trim(), ""));
    let readable = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if whole != "0" || !readable {
        return FULL_WEIGHT;
    }
    format!("{fraction:0<3}").parse().unwrap_or(FULL_WEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_asked_when_nothing_was_chosen() {
        let long = "xx,".repeat(10_000) + "en";
        let cases = [
            (None, None, Language::Uz),
            (None, Some(""), Language::Uz),
            (None, Some("de, fr;q=0.9"), Language::Uz),
            (None, Some("ru-RU,ru;q=0.9,en-US;q=0.8"), Language::Ru),
            (None, Some("de, en;q=0.5, ru;q=0.7"), Language::Ru),
            (None, Some("EN_us"), Language::En),
            (None, Some("en;q=0, ru;q=0.001"), Language::Ru),
            (None, Some("en; q=0"), Language::Uz),
            (None, Some("en;q=banana"), Language::En),
            (None, Some(",,;;q=,"), Language::Uz),
            (None, Some(&long), Language::Uz),
            (Some("en"), Some("ru"), Language::En),
            (Some("uz"), Some("ru"), Language::Uz),
            (Some("<script>"), Some("ru"), Language::Ru),
            (Some(""), None, Language::Uz),
        ];
        for (chosen, header, want) in cases {
            let header_start = header.map(|text| text.chars().take(40).collect::<String>());
            assert_eq!(Language::choose(chosen, header), want, "{chosen:?} {header_start:?}");
        }
    }

    #[test]
    fn a_missing_title_is_taken_from_another_language() {
        let titles = Titles { ru: "Заказ".into(), uz: "Buyurtma".into(), en: String::new() };
        assert_eq!(Language::Uz.of(&titles), "Buyurtma");
        assert_eq!(Language::En.of(&titles), "Заказ");
        assert_eq!(Language::En.of(&Titles::default()), "");
    }
}
