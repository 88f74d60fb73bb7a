use std::time::Duration;

use iceoryx2::port::listener::Listener;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::*;
use serde_json::{Value, json};

use crate::clock::{monotonic_ns, seconds};
use crate::service::{Topic, open};
use crate::{Answer, Role, unknown};

struct Ports {
    // Ports go before the service that made them.
    subscriber: Subscriber<ipc::Service, [u8], ()>,
    listener: Listener<ipc::Service>,
    _topic: Topic,
}

/// Sleeps until a record is there, and reads it in place.
#[derive(Default)]
pub struct SubscriberRole {
    ports: Option<Ports>,
}

impl Role for SubscriberRole {
    fn obey(&mut self, command: &str, args: &Value) -> Answer {
        if command == "open" {
            let topic = open(args)?;
            self.ports = Some(Ports {
                subscriber: topic.records.subscriber_builder().create()?,
                listener: topic.arrivals.listener_builder().create()?,
                _topic: topic,
            });
            return Ok(Value::Null);
        }
        let ports = self.ports.as_ref().ok_or("the service is not open")?;
        match command {
            "subscribe" => ports.forget(),
            "follow" => ports.follow(args),
            _ => unknown(command),
        }
    }
}

impl Ports {
    /// What was published before counts no more.
    fn forget(&self) -> Answer {
        self.listener.try_wait(|_| {})?;
        while self.subscriber.receive()?.is_some() {}
        Ok(Value::Null)
    }

    /// When each record arrived, until the last one did or the time is over.
    fn follow(&self, args: &Value) -> Answer {
        let (topic, last) = args["last"]
            .as_object()
            .and_then(|all| all.iter().next())
            .ok_or("last is missing")?;
        let end = monotonic_ns() + seconds(&args["seconds"]).as_nanos() as u64;
        let mut arrivals = Vec::new();
        let mut done = false;
        while !done && monotonic_ns() < end {
            self.listener
                .timed_wait(|_| {}, Duration::from_millis(100))?;
            while let Some(sample) = self.subscriber.receive()? {
                let now = monotonic_ns();
                let id = u32::from_le_bytes(sample.payload()[..4].try_into()?);
                arrivals.push(json!([id, now]));
                done |= Some(u64::from(id)) == last.as_u64();
            }
        }
        Ok(json!({ topic: { "arrivals": arrivals, "lost": null } }))
    }
}
