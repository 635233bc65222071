//! The kassas in memory: every request looks one up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chorsu_core::{Kassa, KassaId};

/// All kassas, replaced as a whole when they change.
#[derive(Default)]
pub(crate) struct Kassas(RwLock<Arc<HashMap<KassaId, Arc<Kassa>>>>);

impl Kassas {
    /// The kassa with this id.
    pub(crate) fn get(&self, id: KassaId) -> Option<Arc<Kassa>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Puts the stored kassas in place.
    pub(crate) fn replace(&self, kassas: Vec<Kassa>) {
        let kassas = kassas.into_iter().map(|kassa| (kassa.id, Arc::new(kassa))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kassas);
    }
}
