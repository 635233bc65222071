//! Partners of the bank API: who they are, how they prove it, and which methods they may call.

use std::collections::HashMap;
use std::sync::Arc;

use chorsu_api::bank::Method;
use chorsu_core::PartnerId;
use chorsu_core::id::ID_BYTES;
use serde::{Deserialize, Serialize};

use super::demo;
use super::password::PasswordHash;

/// A partner as it is stored: the row's JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Settings {
    username: String,
    password: PasswordHash,
    methods: Vec<String>,
}

/// A partner of the bank API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partner {
    /// Its id.
    pub(crate) id: PartnerId,
    /// The name it calls with.
    pub(crate) username: String,
    /// The password it calls with.
    pub(super) password: PasswordHash,
    /// What it may call.
    pub(crate) methods: Vec<Method>,
}

impl Partner {
    /// A partner who may call every method.
    ///
    /// # Errors
    /// When the password cannot be hashed.
    pub(crate) fn new(id: PartnerId, username: &str, password: &str) -> anyhow::Result<Self> {
        let methods = Method::ALL.map(|(method, _)| method).to_vec();
        let password = PasswordHash::of(password)?;
        Ok(Self { id, username: username.to_owned(), password, methods })
    }

    /// Whether it may call `method` (code 1009 when not).
    pub(crate) fn may_call(&self, method: Method) -> bool {
        self.methods.contains(&method)
    }

    /// The text of its row.
    ///
    /// # Errors
    /// Never in practice: every part of it can be written.
    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(&Settings {
            username: self.username.clone(),
            password: self.password.clone(),
            methods: self.methods.iter().map(|method| method.name().to_owned()).collect(),
        })?)
    }

    /// The partner of a row; `None` when it is not one that this version has written.
    pub(crate) fn from_row(id: [u8; ID_BYTES], settings: &str) -> Option<Self> {
        let Settings { username, password, methods } = serde_json::from_str(settings).ok()?;
        let methods = methods.iter().filter_map(|name| Method::from_name(name)).collect();
        Some(Self { id: PartnerId(id), username, password, methods })
    }
}

/// All partners, replaced as a whole when they change.
#[derive(Default)]
pub(crate) struct PartnerBook(HashMap<String, Arc<Partner>>);

impl PartnerBook {
    /// The partners of these rows. Live mode has no demo partner, although its row may be there.
    pub(crate) fn new(rows: Vec<([u8; ID_BYTES], String)>, is_live: bool) -> Self {
        let mut partners = HashMap::new();
        for (id, settings) in rows {
            if is_live && demo::is_demo(PartnerId(id)) {
                continue;
            }
            match Partner::from_row(id, &settings) {
                Some(partner) => {
                    partners.insert(partner.username.clone(), Arc::new(partner));
                }
                None => tracing::error!(partner = %PartnerId(id), "a partner cannot be read"),
            }
        }
        Self(partners)
    }

    /// The partner who calls with this name.
    pub(crate) fn by_name(&self, username: &str) -> Option<Arc<Partner>> {
        self.0.get(username).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_is_stored_without_the_password() {
        let mut partner = Partner::new(PartnerId([7; 12]), "gray", "p@ssw0rd").unwrap();
        partner.methods = vec![Method::Status, Method::Balance];
        let text = partner.to_json().unwrap();
        assert!(!text.contains("p@ssw0rd"));
        let rows = vec![([7; 12], text), ([8; 12], "{}".to_owned())];
        let book = PartnerBook::new(rows, true);
        let found = book.by_name("gray").unwrap();
        assert_eq!(*found, partner);
        assert!(found.may_call(Method::Status) && !found.may_call(Method::Payment));
        assert!(book.by_name("Gray").is_none());
    }
}
