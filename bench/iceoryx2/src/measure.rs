use std::error::Error;

use serde_json::{Value, json};

use crate::clock::{monotonic_ns, seconds};

/// Nanoseconds of each call of `once`, after the warm-up of the plan: the twin of src/roles/measure.ts.
pub fn measure(
    plan: &Value,
    mut once: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Value, Box<dyn Error>> {
    repeat(&plan["warmUp"], &mut once)?;
    Ok(json!(repeat(plan, &mut once)?))
}

fn repeat(
    plan: &Value,
    once: &mut impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Vec<u64>, Box<dyn Error>> {
    let mut samples = Vec::new();
    let end = monotonic_ns() + seconds(&plan["seconds"]).as_nanos() as u64;
    for _ in 0..plan["count"].as_u64().unwrap_or(0) {
        let started = monotonic_ns();
        once()?;
        let finished = monotonic_ns();
        samples.push(finished - started);
        if finished >= end {
            break;
        }
    }
    Ok(samples)
}
