//! How much of a payment's latency is the provider's.
//!
//! The sandbox measures how long each played provider works on each call, from the request's head
//! to the finished answer, and tells it by the provider's number of the payment. What a caller has
//! waited beyond that for the same payment is Chorsu's own: its HTTP server, its commits, its
//! client, and the way of the bytes through both sockets. The difference is taken payment by
//! payment, because percentiles cannot be subtracted.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::caller::Caller;
use super::findings::Findings;
use super::recording::Sample;

/// Where the sandbox tells how long Click has worked.
const TIMES: &str = "/sandbox/providers/click/times";

/// The time that the provider has worked on each payment, in microseconds. Where a payment took
/// several calls it is the sum of them. `None` when the server has no sandbox.
///
/// # Errors
/// The server is not reached, or answers with something else.
pub(super) async fn provider_times(caller: &mut Caller) -> Result<Option<HashMap<u64, u64>>> {
    let mut times: HashMap<u64, u64> = HashMap::new();
    let mut after = 0;
    loop {
        let Some(page) = caller.get(&format!("{TIMES}?after={after}")).await? else {
            return Ok(None);
        };
        let calls = page["calls"].as_array().context("the provider's times have no calls")?;
        for call in calls {
            let (id, micros) = read(call).context("a call without payment_id or micros")?;
            *times.entry(id).or_default() += micros;
        }
        let last = page["last"].as_u64().context("the provider's times have no last")?;
        if calls.is_empty() || last <= after {
            return Ok(Some(times));
        }
        after = last;
    }
}

fn read(call: &Value) -> Option<(u64, u64)> {
    Some((call["payment_id"].as_str()?.parse().ok()?, call["micros"].as_u64()?))
}

/// Adds the provider's share and Chorsu's own to the findings, of the payments of which both are
/// known.
///
/// # Errors
/// Never with the bounds of a histogram here.
pub(super) fn add_shares<'a>(
    findings: &mut Findings,
    samples: impl Iterator<Item = &'a Sample>,
    times: &HashMap<u64, u64>,
) -> Result<()> {
    let (mut own, mut provider) = (Vec::new(), Vec::new());
    for sample in samples {
        let Some(micros) = times.get(&sample.id) else { continue };
        provider.push(*micros);
        own.push(u64::from(sample.latency_us).saturating_sub(*micros));
    }
    findings.latency("provider's share", "provider_share_us", provider.into_iter())?;
    findings.latency("own share", "own_share_us", own.into_iter())
}
