use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::prelude::*;
use serde_json::{Value, json};

use crate::clock::monotonic_ns;
use crate::measure::measure;
use crate::service::{Topic, open};
use crate::{Answer, Role, unknown};

struct Ports {
    // Ports go before the service that made them.
    publisher: Publisher<ipc::Service, [u8], ()>,
    notifier: Notifier<ipc::Service>,
    topic: Topic,
}

/// Publishes records and tells a waiting listener of each.
#[derive(Default)]
pub struct PublisherRole {
    ports: Option<Ports>,
}

impl Role for PublisherRole {
    fn obey(&mut self, command: &str, args: &Value) -> Answer {
        if command == "open" {
            let topic = open(args)?;
            self.ports = Some(Ports {
                publisher: topic
                    .records
                    .publisher_builder()
                    .initial_max_slice_len(topic.bytes)
                    .create()?,
                notifier: topic.arrivals.notifier_builder().create()?,
                topic,
            });
            return Ok(Value::Null);
        }
        let ports = self.ports.as_ref().ok_or("the service is not open")?;
        match command {
            "measurePut" => ports.measure_put(&args["plan"]),
            "publish" => ports.publish(&args["streams"][0]),
            _ => unknown(command),
        }
    }
}

impl Ports {
    fn measure_put(&self, plan: &Value) -> Answer {
        let data = payload_of(self.topic.bytes);
        measure(plan, || {
            self.publisher
                .loan_slice_uninit(data.len())?
                .write_from_slice(&data)
                .send()?;
            Ok(())
        })
    }

    /// Publishes numbered records with gaps: when each was published, by its number.
    fn publish(&self, stream: &Value) -> Answer {
        let number = |value: &Value| value.as_f64().ok_or("a number is missing");
        let (shortest, longest) = (number(&stream["gapS"][0])?, number(&stream["gapS"][1])?);
        let count = stream["count"].as_u64().unwrap_or(0);
        let mut data = payload_of(self.topic.bytes);
        let mut published = Vec::new();
        for id in 0..count {
            sleep(Duration::from_secs_f64(
                shortest + (longest - shortest) * fraction(id),
            ));
            data[..4].copy_from_slice(&(id as u32).to_le_bytes());
            published.push(self.publish_one(&data, stream["inPlace"] == true)?);
        }
        Ok(json!({ stream["topic"].as_str().unwrap_or("frames"): published }))
    }

    /// What is filled in place is full before the clock starts.
    fn publish_one(&self, data: &[u8], in_place: bool) -> Result<u64, Box<dyn Error>> {
        let mut started = monotonic_ns();
        let sample = self
            .publisher
            .loan_slice_uninit(data.len())?
            .write_from_slice(data);
        if in_place {
            started = monotonic_ns();
        }
        sample.send()?;
        self.notifier.notify()?;
        Ok(started)
    }
}

/// The twin of src/roles/payload.ts.
fn payload_of(byte_length: usize) -> Vec<u8> {
    (0..byte_length).map(|i| (i % 251) as u8).collect()
}

/// Spreads whole numbers over 0 to 1 without a pattern that a timer could fall in with.
fn fraction(id: u64) -> f64 {
    (id as f64 * 0.618_033_988_749_895).fract()
}
