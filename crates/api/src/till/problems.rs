//! What is wrong with the fields of a request, nested and worded the way clients of this API know
//! it: `{"payment_id":["This field may not be blank."]}`. The wording is Django REST Framework's.

use std::borrow::Cow;

use crate::json::write::{self, Object};

/// The field is not there.
pub const REQUIRED: &str = "This field is required.";
/// The field is null.
pub const NULL: &str = "This field may not be null.";
/// The field is an empty text, or one of white space.
pub const BLANK: &str = "This field may not be blank.";
/// The field is no text.
pub const NOT_A_STRING: &str = "Not a valid string.";
/// The field is no whole number.
pub const NOT_AN_INTEGER: &str = "A valid integer is required.";
/// The field is neither true nor false.
pub const NOT_A_BOOLEAN: &str = "Must be a valid boolean.";
/// The field holds a NUL.
pub const NUL: &str = "Null characters are not allowed.";
/// The field is a text of too many characters to be a number.
pub const LONG_NUMBER: &str = "String value too large.";
/// The field is a text of another form.
pub const PATTERN: &str = "This value does not match the required pattern.";
/// The field is not the address of a fiscal receipt.
pub const URL: &str = "Enter a valid URL.";
/// The field is no time.
pub const TIME: &str =
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss.";
/// The list has nothing in it.
pub const EMPTY_LIST: &str = "This list may not be empty.";
/// What errors of a whole object stand under.
pub const WHOLE: &str = "non_field_errors";

/// Errors by field, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<(&'static str, Detail)>);

/// What stands under a field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Detail {
    /// Errors of the field itself.
    Texts(Vec<Cow<'static, str>>),
    /// Errors of the object's fields.
    Fields(Problems),
    /// Errors of the list's objects, by place; an object without errors is empty.
    Items(Vec<Problems>),
}

impl Problems {
    /// One error of one field.
    #[must_use]
    pub fn one(field: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        let mut problems = Self::default();
        problems.add(field, text);
        problems
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an error of a field.
    pub fn add(&mut self, field: &'static str, text: impl Into<Cow<'static, str>>) {
        let known = self.0.iter_mut().find_map(|(name, detail)| match detail {
            Detail::Texts(texts) if *name == field => Some(texts),
            _ => None,
        });
        match known {
            Some(texts) => texts.push(text.into()),
            None => self.0.push((field, Detail::Texts(vec![text.into()]))),
        }
    }

    /// Adds the errors of the object under a field; nothing when there are none.
    pub fn add_object(&mut self, field: &'static str, inner: Self) {
        if !inner.is_empty() {
            self.0.push((field, Detail::Fields(inner)));
        }
    }

    /// Adds the errors of the objects in the list under a field; nothing when there are none.
    pub fn add_list(&mut self, field: &'static str, inner: Vec<Self>) {
        if inner.iter().any(|item| !item.is_empty()) {
            self.0.push((field, Detail::Items(inner)));
        }
    }

    /// The errors of one object in the list under a field.
    #[must_use]
    pub fn of_item(field: &'static str, place: usize, inner: Self) -> Self {
        let mut items = vec![Self::default(); place];
        items.push(inner);
        let mut problems = Self::default();
        problems.add_list(field, items);
        problems
    }

    /// The errors as JSON, which is what an error's `message` holds.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        write::object(&mut out, |object| self.write(object));
        write::into_text(out)
    }

    /// Nesting is as deep as the documented requests: an object in a list in an object.
    fn write(&self, object: &mut Object<'_>) {
        for (field, detail) in &self.0 {
            match detail {
                Detail::Texts(texts) => object.with(field, |out| write_texts(out, texts)),
                Detail::Fields(inner) => object.object(field, |object| inner.write(object)),
                Detail::Items(items) => object.array(field, |list| {
                    for item in items {
                        list.object(|object| item.write(object));
                    }
                }),
            }
        }
    }
}

fn write_texts(out: &mut Vec<u8>, texts: &[Cow<'static, str>]) {
    out.push(b'[');
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write::string(out, text);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_nest_like_the_request() {
        let mut problems = Problems::one("payment_id", BLANK);
        problems.add("amount", REQUIRED);
        problems.add("payment_id", "Second.");
        problems.add_object("extra_info", Problems::one("pinfl", NUL));
        problems.add_object("nothing", Problems::default());
        problems.add_list("items", vec![Problems::default()]);
        problems.add_list("products", vec![Problems::default(), Problems::one("name", NULL)]);
        assert_eq!(
            problems.to_json(),
            "{\"payment_id\":[\"This field may not be blank.\",\"Second.\"],\
             \"amount\":[\"This field is required.\"],\
             \"extra_info\":{\"pinfl\":[\"Null characters are not allowed.\"]},\
             \"products\":[{},{\"name\":[\"This field may not be null.\"]}]}"
        );
        assert_eq!(
            Problems::of_item("products", 1, Problems::one("name", NULL)).to_json(),
            r#"{"products":[{},{"name":["This field may not be null."]}]}"#
        );
    }
}
