use std::error::Error;

use iceoryx2::prelude::*;
use iceoryx2::service::port_factory::{event, publish_subscribe};
use serde_json::Value;

/// A service of records and the event that tells of each, as both roles open it.
pub struct Topic {
    pub records: publish_subscribe::PortFactory<ipc::Service, [u8], ()>,
    pub arrivals: event::PortFactory<ipc::Service>,
    pub bytes: usize,
    /// The services live as long as it.
    _node: Node<ipc::Service>,
}

/// Opens the service that the arguments name; its files lie in `folder` and begin with `prefix`.
pub fn open(args: &Value) -> Result<Topic, Box<dyn Error>> {
    let text = |name: &str| args[name].as_str().ok_or(format!("{name} is missing"));
    let number = |name: &str| args[name].as_u64().ok_or(format!("{name} is missing"));
    let bytes = number("bytes")? as usize;
    set_log_level(LogLevel::Fatal);
    let mut config = Config::default();
    config
        .global
        .set_root_path(&Path::new(text("folder")?.as_bytes())?);
    config.global.prefix = FileName::new(text("prefix")?.as_bytes())?;
    let node = NodeBuilder::new()
        .config(&config)
        .create::<ipc::Service>()?;
    let name: ServiceName = "frames".try_into()?;
    // One publisher and one subscriber, so that the memory is that of a ring of as many bytes.
    let records = node
        .service_builder(&name)
        .publish_subscribe::<[u8]>()
        .enable_safe_overflow(true)
        .subscriber_max_buffer_size(number("ringBytes")? as usize / bytes)
        .history_size(0)
        .max_publishers(1)
        .max_subscribers(1)
        .open_or_create()?;
    let arrivals = node.service_builder(&name).event().open_or_create()?;
    Ok(Topic {
        records,
        arrivals,
        bytes,
        _node: node,
    })
}
