//! Whether pages are sound HTML, run under their own policy and can be used without sight.

use std::collections::HashSet;

use super::fixtures::pages;
use crate::{Asset, CONTENT_SECURITY_POLICY, Language, PAGE_HEADERS};

const VOID: [&str; 7] = ["meta", "link", "input", "img", "br", "path", "circle"];

/// The tags of a page: name, attributes, and whether it closes.
fn tags(html: &str) -> Vec<(&str, &str, bool)> {
    let mut tags = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap();
        let closing = tag.starts_with('/');
        let tag = tag.trim_start_matches('/').trim_end_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        tags.push((name, attributes, closing));
    }
    tags
}

/// The values of an attribute over the whole page.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_page_is_rendered_in_every_language() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let context = format!("{name} in {}", language.tag());
            assert!(html.starts_with("<!doctype html>\n"), "{context}");
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{context}");
            assert_eq!(html.matches("<h1>").count(), 1, "{context}");
            assert!(!html.contains("{}") && !html.contains("{{"), "{context}");
        }
    }
}

#[test]
fn every_tag_is_closed() {
    for (name, html) in pages(Language::Uz) {
        let mut open = Vec::new();
        for (tag, _, closing) in tags(&html) {
            if tag == "!doctype" || VOID.contains(&tag) {
                continue;
            }
            if closing {
                assert_eq!(open.pop(), Some(tag), "{name}");
            } else {
                open.push(tag);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

#[test]
fn pages_run_under_their_own_policy() {
    assert_eq!(PAGE_HEADERS[0], ("content-security-policy", CONTENT_SECURITY_POLICY));
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe") && !CONTENT_SECURITY_POLICY.contains("  "));
    let urls: Vec<String> = Asset::all().iter().map(|asset| asset.url()).collect();
    for (name, html) in pages(Language::En) {
        for (tag, attributes, closing) in tags(&html) {
            let inline = attributes.split(' ').any(|attribute| {
                attribute.starts_with("style=")
                    || (attribute.starts_with("on") && attribute.contains('='))
            });
            assert!(!inline && tag != "style" && tag != "iframe", "{name}: {attributes}");
            assert!(tag != "script" || closing || attributes.starts_with("src=\""), "{name}");
        }
        for address in values(&html, "src").into_iter().chain(values(&html, "href")) {
            let own = address.starts_with('/') && !address.starts_with("//");
            assert!(own, "{name}: {address}");
            assert!(!address.starts_with("/assets") || urls.iter().any(|url| url == address));
        }
        for address in values(&html, "action") {
            assert!(address.starts_with("/pay/") || address.starts_with("/sandbox/"), "{name}");
        }
    }
}

#[test]
fn every_field_has_its_label_and_every_reference_its_target() {
    for (name, html) in pages(Language::Ru) {
        let ids = values(&html, "id");
        let unique: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "{name}: an id is used twice");
        let labels = values(&html, "for");
        for (tag, attributes, closing) in tags(&html) {
            let field = !closing && (tag == "select" || tag == "input");
            if field && !attributes.contains("type=\"hidden\"") {
                let id = attributes.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
                assert!(labels.contains(&id), "{name}: {id} has no label");
            }
        }
        let described =
            values(&html, "aria-describedby").into_iter().flat_map(|ids| ids.split(' '));
        for id in described.chain(values(&html, "data-copy")) {
            assert!(unique.contains(id), "{name}: {id} is not there");
        }
        assert!(html.matches(" autofocus").count() <= 1 || name == "sandbox clock", "{name}");
    }
}
